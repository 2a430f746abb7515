// Changes who may assume a role.

import type { UpdateAssumeRolePolicyRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { requestedTrustPolicy } from '../model/role.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const updateAssumeRolePolicy: Operation<UpdateAssumeRolePolicyRequest, {}> = async (input, call) => {
  const trustPolicy = requestedTrustPolicy(input.PolicyDocument)
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => ({ ...role, trustPolicy })),
  )
  return {}
}
