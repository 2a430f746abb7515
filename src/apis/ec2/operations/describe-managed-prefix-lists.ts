// Shows the account's prefix lists and those that AWS manages.

import type { DescribeManagedPrefixListsRequest, DescribeManagedPrefixListsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { prefixListsInScope } from '../managed-prefix-lists.ts'
import { describePrefixList, selectablePrefixList } from '../model/prefix-list.ts'
import { selection } from '../model/selection.ts'

export const describeManagedPrefixLists: Operation<
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult
> = async (input, call) => {
  const rows = await call.store.read((reader) => prefixListsInScope(reader, call.scope))
  const described = rows.map((row) => describePrefixList(row))
  const { items, ...rest } = selection(described, { ...input, ids: input.PrefixListIds }, selectablePrefixList)
  return { PrefixLists: items, ...rest }
}
