// Takes inbound rules away from a security group.

import type { RevokeSecurityGroupIngressRequest, RevokeSecurityGroupIngressResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { requestedPermissions } from '../model/permission-request.ts'
import { withoutRules } from '../model/security-group.ts'
import { describeRevokedRule, matchingRules, requestedRules, rulesById } from '../model/security-rule.ts'
import { rulePeers } from '../rule-peers.ts'
import { namedGroup, securityGroups } from '../tables.ts'

export const revokeSecurityGroupIngress: Operation<
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult
> = async (input, call) => {
  const { group, removed } = await call.store.write(async (tx) => {
    const before = await namedGroup(tx, call.scope, input)
    const byId = input.SecurityGroupRuleIds ?? []
    const found =
      byId.length > 0
        ? rulesById(before, 'ingress', byId)
        : matchingRules(before, 'ingress', requestedRules(requestedPermissions(input), await rulePeers(tx, before)))
    await tx.put(securityGroups, withoutRules(before, found))
    return { group: before, removed: found }
  })
  return { Return: true, RevokedSecurityGroupRules: removed.map((rule) => describeRevokedRule(rule, group)) }
}
