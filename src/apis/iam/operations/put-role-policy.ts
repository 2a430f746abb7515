// Writes a policy into a role.

import type { PutRolePolicyRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { withInline } from '../model/role.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const putRolePolicy: Operation<PutRolePolicyRequest, {}> = async (input, call) => {
  const { PolicyName, PolicyDocument } = input
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => withInline(role, PolicyName, PolicyDocument)),
  )
  return {}
}
