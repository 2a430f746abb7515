// Gives inbound rules of a security group other descriptions, and changes nothing else.

import type {
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { redescribedGroup } from '../rule-descriptions.ts'

export const updateSecurityGroupRuleDescriptionsIngress: Operation<
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult
> = async (input, call) => {
  await call.store.write((tx) => redescribedGroup(tx, call.scope, 'ingress', input))
  return { Return: true }
}
