// Makes rules of a security group other rules, which keep their ids.

import type { ModifySecurityGroupRulesRequest, ModifySecurityGroupRulesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { invalidParameter, missingParameter } from '../errors.ts'
import { checkId, notFound, SECURITY_GROUP, SECURITY_GROUP_RULE } from '../model/resource-kind.ts'
import { modifiedRules } from '../model/security-group.ts'
import { requestedRule } from '../model/security-rule.ts'
import { rulePeers } from '../rule-peers.ts'
import { existing, securityGroups } from '../tables.ts'

export const modifySecurityGroupRules: Operation<
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult
> = async (input, call) => {
  const updates = input.SecurityGroupRules
  if (updates.length === 0) throw missingParameter('SecurityGroupRules')
  await call.store.write(async (tx) => {
    const group = await existing(tx, securityGroups, SECURITY_GROUP, call.scope, input.GroupId)
    const peers = await rulePeers(tx, group)
    const wishes = updates.map(({ SecurityGroupRuleId: id, SecurityGroupRule: wish }) => {
      checkId(SECURITY_GROUP_RULE, id)
      const rule = group.rules.find((each) => each.id === id)
      if (rule === undefined) throw notFound(SECURITY_GROUP_RULE, id)
      if (wish === undefined) throw missingParameter('SecurityGroupRule')
      return [rule, requestedRule(wish, peers)] as const
    })
    const byRule = new Map(wishes)
    if (byRule.size < wishes.length) throw invalidParameter('The same rule must not appear multiple times')
    await tx.put(securityGroups, modifiedRules(group, byRule, peers.weight))
  })
  return { Return: true }
}
