// Adding rules to a security group and taking them away, for either direction.

import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupIngressRequest,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupIngressRequest,
  RevokedSecurityGroupRule,
  SecurityGroupRule,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { requestedPermissions } from './model/permission-request.ts'
import { SECURITY_GROUP_RULE } from './model/resource-kind.ts'
import { authorized, withoutRules } from './model/security-group.ts'
import { describeRevokedRule, describeRule, matchingRules, requestedRules, rulesById } from './model/security-rule.ts'
import { requestedTags } from './model/tags.ts'
import { rulePeers } from './rule-peers.ts'
import { namedGroup, securityGroups } from './tables.ts'

type Direction = 'ingress' | 'egress'
type Authorize = AuthorizeSecurityGroupIngressRequest | AuthorizeSecurityGroupEgressRequest
type Revoke = RevokeSecurityGroupIngressRequest | RevokeSecurityGroupEgressRequest

export const authorizeRules =
  (direction: Direction): Operation<Authorize, { Return: boolean; SecurityGroupRules: SecurityGroupRule[] }> =>
  async (input, call) => {
    const tags = requestedTags(input.TagSpecifications, SECURITY_GROUP_RULE)
    const { group, added } = await call.store.write(async (tx) => {
      const before = await namedGroup(tx, call.scope, input)
      const peers = await rulePeers(tx, before)
      const wishes = requestedRules(requestedPermissions(input), peers)
      const after = authorized(before, direction, wishes, tags, call.random, peers.weight)
      await tx.put(securityGroups, after.group)
      return after
    })
    return { Return: true, SecurityGroupRules: added.map((rule) => describeRule(rule, group)) }
  }

export const revokeRules =
  (
    direction: Direction,
  ): Operation<Revoke, { Return: boolean; RevokedSecurityGroupRules: RevokedSecurityGroupRule[] }> =>
  async (input, call) => {
    const { group, removed } = await call.store.write(async (tx) => {
      const before = await namedGroup(tx, call.scope, input)
      const byId = input.SecurityGroupRuleIds ?? []
      const found =
        byId.length > 0
          ? rulesById(before, direction, byId)
          : matchingRules(before, direction, requestedRules(requestedPermissions(input), await rulePeers(tx, before)))
      await tx.put(securityGroups, withoutRules(before, found))
      return { group: before, removed: found }
    })
    return { Return: true, RevokedSecurityGroupRules: removed.map((rule) => describeRevokedRule(rule, group)) }
  }
