// Adds tags to a role.

import type { TagRoleRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { tagged } from '../model/names.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const tagRole: Operation<TagRoleRequest, {}> = async (input, call) => {
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => ({ ...role, tags: tagged(role.tags, input.Tags) })),
  )
  return {}
}
