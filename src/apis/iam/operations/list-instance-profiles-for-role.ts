// Lists the instance profiles of a role: there are none, for there are no instances. Terraform asks before it deletes.

import type { ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { existingRole, ownerOf } from '../tables.ts'

export const listInstanceProfilesForRole: Operation<
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse
> = async (input, call) => {
  await call.store.read((reader) => existingRole(reader, ownerOf(call.scope), input.RoleName))
  return { InstanceProfiles: [], IsTruncated: false }
}
