// Changes the name, the size or the entries of a prefix list.

import type { ModifyManagedPrefixListRequest, ModifyManagedPrefixListResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter, missingParameter } from '../errors.ts'
import { ownPrefixList } from '../managed-prefix-lists.ts'
import { changedEntries, checkVersion, describePrefixList, renamed, resized } from '../model/prefix-list.ts'
import { prefixLists } from '../tables.ts'

export const modifyManagedPrefixList: Operation<ModifyManagedPrefixListRequest, ModifyManagedPrefixListResult> = async (
  input,
  call,
) => {
  const { PrefixListName, MaxEntries, CurrentVersion } = input
  const [added, removed] = [input.AddEntries ?? [], input.RemoveEntries ?? []]
  const changesEntries = added.length + removed.length > 0
  if (input.IpamPrefixListResolverSyncEnabled === true) {
    throw ec2Error('UnsupportedOperation', 'IPAM prefix list resolvers are not supported.')
  }
  if (changesEntries && MaxEntries !== undefined) {
    throw invalidParameter('You cannot modify the entries and the size of a prefix list at the same time.')
  }
  if (changesEntries && CurrentVersion === undefined) throw missingParameter('currentVersion')
  if (!changesEntries && MaxEntries === undefined && PrefixListName === undefined) {
    throw missingParameter('prefixListName')
  }
  const list = await call.store.write(async (tx) => {
    let changed = await ownPrefixList(tx, call.scope, input.PrefixListId)
    if (CurrentVersion !== undefined) checkVersion(changed, CurrentVersion)
    if (PrefixListName !== undefined) changed = renamed(changed, PrefixListName)
    if (MaxEntries !== undefined) changed = resized(changed, MaxEntries)
    if (changesEntries) changed = changedEntries(changed, added, removed)
    await tx.put(prefixLists, changed)
    return changed
  })
  return { PrefixList: describePrefixList(list, 'modify-in-progress') }
}
