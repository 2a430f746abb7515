// Shows the entries of one version of a prefix list.

import type { GetManagedPrefixListEntriesRequest, GetManagedPrefixListEntriesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { existingPrefixList } from '../managed-prefix-lists.ts'
import { entriesOfVersion } from '../model/prefix-list.ts'
import { paged } from '../model/selection.ts'

export const getManagedPrefixListEntries: Operation<
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult
> = async (input, call) => {
  const list = await call.store.read((reader) => existingPrefixList(reader, call.scope, input.PrefixListId))
  const entries = entriesOfVersion(list, input.TargetVersion)
  const { items, ...rest } = paged(entries, ({ cidr }) => cidr, input, 1)
  return {
    Entries: items.map(({ cidr, description }) => ({
      Cidr: cidr,
      ...(description === undefined ? {} : { Description: description }),
    })),
    ...rest,
  }
}
