// Makes a role.

import type { CreateRoleRequest, CreateRoleResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { LimitExceeded } from '../errors.ts'
import { ROLES_PER_ACCOUNT } from '../model/limits.ts'
import { describeRoleInFull, newRole } from '../model/role.ts'
import { ownerOf, putNewRole, rolesOf } from '../tables.ts'

export const createRole: Operation<CreateRoleRequest, CreateRoleResponse> = async (input, call) => {
  const role = newRole({
    owner: ownerOf(call.scope),
    name: input.RoleName,
    path: input.Path,
    description: input.Description,
    trustPolicy: input.AssumeRolePolicyDocument,
    maxSessionSeconds: input.MaxSessionDuration,
    permissionsBoundary: input.PermissionsBoundary,
    tags: input.Tags ?? [],
    now: call.clock.now(),
    random: call.random,
  })
  await call.store.write(async (tx) => {
    if ((await rolesOf(tx, role.owner)).length >= ROLES_PER_ACCOUNT) {
      throw LimitExceeded(`Cannot exceed quota for RolesPerAccount: ${ROLES_PER_ACCOUNT}`)
    }
    await putNewRole(tx, role, `Role with name ${role.name} already exists.`)
  })
  const { RoleLastUsed: _unused, ...created } = describeRoleInFull(role)
  return { Role: created }
}
