// The door of Elastic Load Balancing v2: application and network load balancers.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { api } from '#aws/operation.ts'
import { addListenerCertificates } from './operations/add-listener-certificates.ts'
import { addTags } from './operations/add-tags.ts'
import { createListener } from './operations/create-listener.ts'
import { createLoadBalancer } from './operations/create-load-balancer.ts'
import { createRule } from './operations/create-rule.ts'
import { createTargetGroup } from './operations/create-target-group.ts'
import { deleteListener } from './operations/delete-listener.ts'
import { deleteLoadBalancer } from './operations/delete-load-balancer.ts'
import { deleteRule } from './operations/delete-rule.ts'
import { deleteTargetGroup } from './operations/delete-target-group.ts'
import { deregisterTargets } from './operations/deregister-targets.ts'
import { describeAccountLimits } from './operations/describe-account-limits.ts'
import { describeCapacityReservation } from './operations/describe-capacity-reservation.ts'
import { describeListenerAttributes } from './operations/describe-listener-attributes.ts'
import { describeListenerCertificates } from './operations/describe-listener-certificates.ts'
import { describeListeners } from './operations/describe-listeners.ts'
import { describeLoadBalancerAttributes } from './operations/describe-load-balancer-attributes.ts'
import { describeLoadBalancers } from './operations/describe-load-balancers.ts'
import { describeRules } from './operations/describe-rules.ts'
import { describeSslPolicies } from './operations/describe-ssl-policies.ts'
import { describeTags } from './operations/describe-tags.ts'
import { describeTargetGroupAttributes } from './operations/describe-target-group-attributes.ts'
import { describeTargetGroups } from './operations/describe-target-groups.ts'
import { describeTargetHealth } from './operations/describe-target-health.ts'
import { modifyListener } from './operations/modify-listener.ts'
import { modifyListenerAttributes } from './operations/modify-listener-attributes.ts'
import { modifyLoadBalancerAttributes } from './operations/modify-load-balancer-attributes.ts'
import { modifyRule } from './operations/modify-rule.ts'
import { modifyTargetGroup } from './operations/modify-target-group.ts'
import { modifyTargetGroupAttributes } from './operations/modify-target-group-attributes.ts'
import { registerTargets } from './operations/register-targets.ts'
import { removeListenerCertificates } from './operations/remove-listener-certificates.ts'
import { removeTags } from './operations/remove-tags.ts'
import { setIpAddressType } from './operations/set-ip-address-type.ts'
import { setRulePriorities } from './operations/set-rule-priorities.ts'
import { setSecurityGroups } from './operations/set-security-groups.ts'
import { setSubnets } from './operations/set-subnets.ts'

export const elbv2 = api<typeof sdk>('elbv2', {
  AddListenerCertificates: addListenerCertificates,
  AddTags: addTags,
  CreateListener: createListener,
  CreateLoadBalancer: createLoadBalancer,
  CreateRule: createRule,
  CreateTargetGroup: createTargetGroup,
  DeleteListener: deleteListener,
  DeleteLoadBalancer: deleteLoadBalancer,
  DeleteRule: deleteRule,
  DeleteTargetGroup: deleteTargetGroup,
  DeregisterTargets: deregisterTargets,
  DescribeAccountLimits: describeAccountLimits,
  DescribeCapacityReservation: describeCapacityReservation,
  DescribeListenerAttributes: describeListenerAttributes,
  DescribeListenerCertificates: describeListenerCertificates,
  DescribeListeners: describeListeners,
  DescribeLoadBalancerAttributes: describeLoadBalancerAttributes,
  DescribeLoadBalancers: describeLoadBalancers,
  DescribeRules: describeRules,
  DescribeSSLPolicies: describeSslPolicies,
  DescribeTags: describeTags,
  DescribeTargetGroupAttributes: describeTargetGroupAttributes,
  DescribeTargetGroups: describeTargetGroups,
  DescribeTargetHealth: describeTargetHealth,
  ModifyListener: modifyListener,
  ModifyListenerAttributes: modifyListenerAttributes,
  ModifyLoadBalancerAttributes: modifyLoadBalancerAttributes,
  ModifyRule: modifyRule,
  ModifyTargetGroup: modifyTargetGroup,
  ModifyTargetGroupAttributes: modifyTargetGroupAttributes,
  RegisterTargets: registerTargets,
  RemoveListenerCertificates: removeListenerCertificates,
  RemoveTags: removeTags,
  SetIpAddressType: setIpAddressType,
  SetRulePriorities: setRulePriorities,
  SetSecurityGroups: setSecurityGroups,
  SetSubnets: setSubnets,
})
