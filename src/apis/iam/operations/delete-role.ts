// Deletes a role that has no policies any more.

import type { DeleteRoleRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { checkDeletable, checkModifiable } from '../model/role.ts'
import { existingRole, ownerOf, roles } from '../tables.ts'

export const deleteRole: Operation<DeleteRoleRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const role = await existingRole(tx, ownerOf(call.scope), input.RoleName)
    checkModifiable(role)
    checkDeletable(role)
    await tx.delete(roles, roles.key(role))
  })
  return {}
}
