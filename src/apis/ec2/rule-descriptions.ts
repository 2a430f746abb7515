// Other descriptions for rules, in the store: the rules are named by what they allow or by their ids.

import type { UpdateSecurityGroupRuleDescriptionsIngressRequest } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'
import type { Transaction } from '#store/store.ts'
import { invalidCombination, missingParameter } from './errors.ts'
import type { SecurityGroupRuleRecord } from './model/records.ts'
import { redescribed } from './model/security-group.ts'
import { matchingRules, requestedRules, rulesById } from './model/security-rule.ts'
import { rulePeers } from './rule-peers.ts'
import { namedGroup, securityGroups } from './tables.ts'

export const redescribedGroup = async (
  tx: Transaction,
  scope: Scope,
  direction: SecurityGroupRuleRecord['direction'],
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
): Promise<void> => {
  const { IpPermissions: permissions = [], SecurityGroupRuleDescriptions: named = [] } = input
  if (permissions.length > 0 && named.length > 0) {
    throw invalidCombination(
      'The parameter ipPermissions may not be used with the parameter securityGroupRuleDescriptions',
    )
  }
  if (permissions.length + named.length === 0) throw missingParameter('ipPermissions')
  const group = await namedGroup(tx, scope, input)
  const wishes = requestedRules(permissions, await rulePeers(tx, group))
  const byTraffic = matchingRules(group, direction, wishes).map(
    (rule, position) => [rule, wishes[position]?.description] as const,
  )
  const ids = named.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? '')
  const byId = rulesById(group, direction, ids).map((rule, position) => [rule, named[position]?.Description] as const)
  await tx.put(securityGroups, redescribed(group, new Map([...byTraffic, ...byId])))
}
