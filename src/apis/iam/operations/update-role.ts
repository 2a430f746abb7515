// Changes a role's description and the length of its sessions.

import type { UpdateRoleRequest, UpdateRoleResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { requestedSessionSeconds } from '../model/role.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const updateRole: Operation<UpdateRoleRequest, UpdateRoleResponse> = async (input, call) => {
  const { Description, MaxSessionDuration } = input
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => ({
      ...role,
      ...(Description === undefined ? {} : { description: Description }),
      maxSessionSeconds: requestedSessionSeconds(MaxSessionDuration ?? role.maxSessionSeconds),
    })),
  )
  return {}
}
