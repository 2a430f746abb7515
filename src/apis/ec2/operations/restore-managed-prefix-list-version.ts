// Makes an earlier version of a prefix list the next one.

import type { RestoreManagedPrefixListVersionRequest, RestoreManagedPrefixListVersionResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ownPrefixList } from '../managed-prefix-lists.ts'
import { checkVersion, describePrefixList, entriesOfVersion, nextVersion } from '../model/prefix-list.ts'
import { prefixLists } from '../tables.ts'

export const restoreManagedPrefixListVersion: Operation<
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult
> = async (input, call) => {
  const list = await call.store.write(async (tx) => {
    const before = await ownPrefixList(tx, call.scope, input.PrefixListId)
    checkVersion(before, input.CurrentVersion)
    const restored = nextVersion(before, entriesOfVersion(before, input.PreviousVersion))
    await tx.put(prefixLists, restored)
    return restored
  })
  return { PrefixList: describePrefixList(list, 'restore-in-progress') }
}
