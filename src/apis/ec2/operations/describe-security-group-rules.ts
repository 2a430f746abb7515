// Shows the rules of security groups one by one.

import type { DescribeSecurityGroupRulesRequest, DescribeSecurityGroupRulesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { selectableSecurityGroupRule } from '../model/security-group.ts'
import { describeRule } from '../model/security-rule.ts'
import { selection } from '../model/selection.ts'
import { inScope, securityGroups } from '../tables.ts'

export const describeSecurityGroupRules: Operation<
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult
> = async (input, call) => {
  const groups = await call.store.read((reader) => inScope(reader, securityGroups, call.scope))
  const rules = groups.flatMap((group) => group.rules.map((rule) => describeRule(rule, group)))
  const request = { ...input, ids: input.SecurityGroupRuleIds }
  const { items, ...rest } = selection(rules, request, selectableSecurityGroupRule)
  return { SecurityGroupRules: items, ...rest }
}
