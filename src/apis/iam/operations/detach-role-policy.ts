// Takes a managed policy away from a role.

import type { DetachRolePolicyRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { withoutAttached } from '../model/role.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const detachRolePolicy: Operation<DetachRolePolicyRequest, {}> = async (input, call) => {
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => withoutAttached(role, input.PolicyArn)),
  )
  return {}
}
