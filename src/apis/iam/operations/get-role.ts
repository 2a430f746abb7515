// Shows one role.

import type { GetRoleRequest, GetRoleResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { describeRoleInFull } from '../model/role.ts'
import { existingRole, ownerOf } from '../tables.ts'

export const getRole: Operation<GetRoleRequest, GetRoleResponse> = async (input, call) => ({
  Role: describeRoleInFull(
    await call.store.read((reader) => existingRole(reader, ownerOf(call.scope), input.RoleName)),
  ),
})
