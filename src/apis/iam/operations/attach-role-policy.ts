// Gives a role a managed policy.

import type { AttachRolePolicyRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { NoSuchEntity } from '../errors.ts'
import { withAttached } from '../model/role.ts'
import { changeRole, ownerOf, policyByArn } from '../tables.ts'

export const attachRolePolicy: Operation<AttachRolePolicyRequest, {}> = async (input, call) => {
  const owner = ownerOf(call.scope)
  await call.store.write(async (tx) => {
    if ((await policyByArn(tx, owner, input.PolicyArn)) === undefined) {
      throw NoSuchEntity(`Policy ${input.PolicyArn} does not exist or is not attachable.`)
    }
    await changeRole(tx, owner, input.RoleName, (role) => withAttached(role, input.PolicyArn))
  })
  return {}
}
