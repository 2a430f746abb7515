// Lists the names of the policies that are written into a role.

import type { ListRolePoliciesRequest, ListRolePoliciesResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../model/paging.ts'
import { existingRole, ownerOf } from '../tables.ts'

export const listRolePolicies: Operation<ListRolePoliciesRequest, ListRolePoliciesResponse> = async (input, call) => {
  const role = await call.store.read((reader) => existingRole(reader, ownerOf(call.scope), input.RoleName))
  const { items, rest } = paged(role.inlinePolicies, (policy) => policy.name, input)
  return { PolicyNames: items.map((policy) => policy.name), ...rest }
}
