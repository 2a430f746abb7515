// Makes the role that an AWS service uses in the account.

import type { CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { InvalidInput } from '../errors.ts'
import { describeRole } from '../model/role.ts'
import { newServiceLinkedRole } from '../model/service-linked-role.ts'
import { ownerOf, roles } from '../tables.ts'

export const createServiceLinkedRole: Operation<
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse
> = async (input, call) => {
  const role = newServiceLinkedRole(input.AWSServiceName, input.CustomSuffix, {
    owner: ownerOf(call.scope),
    description: input.Description,
    now: call.clock.now(),
    random: call.random,
  })
  await call.store.write(async (tx) => {
    if ((await tx.get(roles, roles.key(role))) !== undefined) {
      throw InvalidInput(
        `Service role name ${role.name} has been taken in this account, please try a different suffix.`,
      )
    }
    await tx.put(roles, role)
  })
  return { Role: describeRole(role) }
}
