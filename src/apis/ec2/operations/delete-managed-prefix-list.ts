// Deletes a prefix list that nobody names.

import type { DeleteManagedPrefixListRequest, DeleteManagedPrefixListResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation } from '../errors.ts'
import { ownPrefixList, usersOfPrefixList } from '../managed-prefix-lists.ts'
import { describePrefixList } from '../model/prefix-list.ts'
import { ec2Key, prefixLists } from '../tables.ts'

export const deleteManagedPrefixList: Operation<DeleteManagedPrefixListRequest, DeleteManagedPrefixListResult> = async (
  input,
  call,
) => {
  const { scope } = call
  const list = await call.store.write(async (tx) => {
    const row = await ownPrefixList(tx, scope, input.PrefixListId)
    if ((await usersOfPrefixList(tx, scope, row.id)).length > 0) {
      throw dependencyViolation(`The prefix list '${row.id}' has dependencies and cannot be deleted.`)
    }
    await tx.delete(prefixLists, ec2Key(scope, row.id))
    return row
  })
  return { PrefixList: describePrefixList(list, 'delete-in-progress') }
}
