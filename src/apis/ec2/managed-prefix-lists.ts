// Prefix lists as they are looked for: those of the account, those that AWS manages, and who names them.

import type { Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { ec2Error } from './errors.ts'
import { awsPrefixLists, isAwsManaged } from './model/prefix-list.ts'
import type { PrefixListRecord } from './model/records.ts'
import { checkId, PREFIX_LIST } from './model/resource-kind.ts'
import { existing, inScope, prefixLists, routeTables, securityGroups } from './tables.ts'

export const prefixListsInScope = async (reader: Reader, scope: Scope): Promise<PrefixListRecord[]> => [
  ...awsPrefixLists(scope),
  ...(await inScope(reader, prefixLists, scope)),
]

export const existingPrefixList = async (reader: Reader, scope: Scope, id: string): Promise<PrefixListRecord> => {
  checkId(PREFIX_LIST, id)
  const managed = awsPrefixLists(scope).find((list) => list.id === id)
  return managed ?? (await existing(reader, prefixLists, PREFIX_LIST, scope, id))
}

/** A list that its owner may change. */
export const ownPrefixList = async (reader: Reader, scope: Scope, id: string): Promise<PrefixListRecord> => {
  const list = await existingPrefixList(reader, scope, id)
  if (!isAwsManaged(list)) return list
  throw ec2Error('OperationNotPermitted', 'AWS-managed prefix lists cannot be changed or deleted.')
}

/** The ids of the security groups and route tables that name the list. */
export const usersOfPrefixList = async (reader: Reader, scope: Scope, id: string): Promise<string[]> => {
  const groups = await inScope(reader, securityGroups, scope)
  const tables = await inScope(reader, routeTables, scope)
  return [
    ...groups.filter((group) => group.rules.some((rule) => rule.prefixListId === id)),
    ...tables.filter((table) => table.routes.some((route) => route.destinationPrefixListId === id)),
  ].map((row) => row.id)
}
