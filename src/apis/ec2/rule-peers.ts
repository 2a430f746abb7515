// What rules of a security group may name, in the store: groups of its VPC and prefix lists.

import type { Reader } from '#store/store.ts'
import { prefixListsInScope } from './managed-prefix-lists.ts'
import type { SecurityGroupRecord } from './model/records.ts'
import { notFound, PREFIX_LIST } from './model/resource-kind.ts'
import type { RuleWeight } from './model/security-group.ts'
import type { RulePeers } from './model/security-rule.ts'
import { groupFinder } from './tables.ts'

export interface KnownPeers extends RulePeers {
  readonly weight: RuleWeight
}

/** For rules of `group`. */
export const rulePeers = async (reader: Reader, group: SecurityGroupRecord): Promise<KnownPeers> => {
  const groupId = await groupFinder(reader, group)
  const lists = new Map((await prefixListsInScope(reader, group.scope)).map((list) => [list.id, list]))
  return {
    groupId,
    prefixListId: (id) => {
      if (!lists.has(id)) throw notFound(PREFIX_LIST, id)
      return id
    },
    weight: ({ prefixListId }) => (prefixListId === undefined ? 1 : (lists.get(prefixListId)?.maxEntries ?? 1)),
  }
}
