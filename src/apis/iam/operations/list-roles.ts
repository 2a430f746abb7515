// Lists the account's roles.

import type { ListRolesRequest, ListRolesResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../model/paging.ts'
import { describeRole } from '../model/role.ts'
import { ownerOf, rolesOf } from '../tables.ts'

export const listRoles: Operation<ListRolesRequest, ListRolesResponse> = async (input, call) => {
  const rows = await call.store.read((reader) => rolesOf(reader, ownerOf(call.scope)))
  const wanted = rows.filter((role) => role.path.startsWith(input.PathPrefix ?? '/'))
  const { items, rest } = paged(wanted, (role) => role.name, input)
  return { Roles: items.map(describeRole), ...rest }
}
