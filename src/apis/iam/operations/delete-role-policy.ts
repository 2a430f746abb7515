// Takes a policy out of a role.

import type { DeleteRolePolicyRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { withoutInline } from '../model/role.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const deleteRolePolicy: Operation<DeleteRolePolicyRequest, {}> = async (input, call) => {
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => withoutInline(role, input.PolicyName)),
  )
  return {}
}
