// Takes tags away from a role.

import type { UntagRoleRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { untagged } from '../model/names.ts'
import { changeRole, ownerOf } from '../tables.ts'

export const untagRole: Operation<UntagRoleRequest, {}> = async (input, call) => {
  await call.store.write((tx) =>
    changeRole(tx, ownerOf(call.scope), input.RoleName, (role) => ({
      ...role,
      tags: untagged(role.tags, input.TagKeys),
    })),
  )
  return {}
}
