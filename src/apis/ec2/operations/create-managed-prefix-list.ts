// Makes a prefix list.

import type { CreateManagedPrefixListRequest, CreateManagedPrefixListResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { madeBefore } from '../model/client-token.ts'
import { PREFIX_LISTS_PER_REGION } from '../model/limits.ts'
import { describePrefixList, newPrefixList } from '../model/prefix-list.ts'
import { PREFIX_LIST } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { inScope, prefixLists } from '../tables.ts'

export const createManagedPrefixList: Operation<CreateManagedPrefixListRequest, CreateManagedPrefixListResult> = async (
  input,
  call,
) => {
  const { scope, random } = call
  const wish = newPrefixList({
    scope,
    name: input.PrefixListName,
    addressFamily: input.AddressFamily,
    maxEntries: input.MaxEntries,
    entries: input.Entries ?? [],
    clientToken: input.ClientToken,
    tags: requestedTags(input.TagSpecifications, PREFIX_LIST),
    random,
  })
  const list = await call.store.write(async (tx) => {
    const others = await inScope(tx, prefixLists, scope)
    const earlier = madeBefore(others, input.ClientToken, (row) => row.name === wish.name)
    if (earlier !== undefined) return earlier
    if (others.length >= PREFIX_LISTS_PER_REGION) {
      throw ec2Error('PrefixListLimitExceeded', 'The maximum number of prefix lists has been reached.')
    }
    await tx.put(prefixLists, wish)
    return wish
  })
  // EC2 answers before the list is ready, and clients wait for it.
  return { PrefixList: describePrefixList(list, 'create-in-progress') }
}
