// Adds outbound rules to a security group.

import type { AuthorizeSecurityGroupEgressRequest, AuthorizeSecurityGroupEgressResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { requestedPermissions } from '../model/permission-request.ts'
import { SECURITY_GROUP_RULE } from '../model/resource-kind.ts'
import { authorized } from '../model/security-group.ts'
import { describeRule, requestedRules } from '../model/security-rule.ts'
import { requestedTags } from '../model/tags.ts'
import { rulePeers } from '../rule-peers.ts'
import { namedGroup, securityGroups } from '../tables.ts'

export const authorizeSecurityGroupEgress: Operation<
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult
> = async (input, call) => {
  const tags = requestedTags(input.TagSpecifications, SECURITY_GROUP_RULE)
  const { group, added } = await call.store.write(async (tx) => {
    const before = await namedGroup(tx, call.scope, input)
    const peers = await rulePeers(tx, before)
    const wishes = requestedRules(requestedPermissions(input), peers)
    const after = authorized(before, 'egress', wishes, tags, call.random, peers.weight)
    await tx.put(securityGroups, after.group)
    return after
  })
  return { Return: true, SecurityGroupRules: added.map((rule) => describeRule(rule, group)) }
}
