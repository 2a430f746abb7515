// Gives outbound rules of a security group other descriptions, and changes nothing else.

import type {
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { redescribedGroup } from '../rule-descriptions.ts'

export const updateSecurityGroupRuleDescriptionsEgress: Operation<
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult
> = async (input, call) => {
  await call.store.write((tx) => redescribedGroup(tx, call.scope, 'egress', input))
  return { Return: true }
}
