// Lists a role's tags.

import type { ListRoleTagsRequest, ListRoleTagsResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../model/paging.ts'
import { existingRole, ownerOf } from '../tables.ts'

export const listRoleTags: Operation<ListRoleTagsRequest, ListRoleTagsResponse> = async (input, call) => {
  const role = await call.store.read((reader) => existingRole(reader, ownerOf(call.scope), input.RoleName))
  const { items, rest } = paged(role.tags, (tag) => tag.Key ?? '', input)
  return { Tags: items, ...rest }
}
