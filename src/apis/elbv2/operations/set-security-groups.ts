// Puts a load balancer into other security groups.

import type { SetSecurityGroupsInput, SetSecurityGroupsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { InvalidConfigurationRequest, validationError } from '../errors.ts'
import { requestedGroups } from '../placement.ts'
import { existingLoadBalancer, loadBalancers } from '../tables.ts'

export const setSecurityGroups: Operation<SetSecurityGroupsInput, SetSecurityGroupsOutput> = async (input, call) => {
  const changed = await call.store.write(async (tx) => {
    const balancer = await existingLoadBalancer(tx, call.scope, input.LoadBalancerArn)
    if (input.SecurityGroups.length === 0) throw validationError('At least one security group must be specified')
    if (balancer.type === 'network' && balancer.spec.securityGroupIds.length === 0) {
      throw InvalidConfigurationRequest(
        "Security groups cannot be set for load balancers of type 'network' that were created without one",
      )
    }
    const securityGroupIds = await requestedGroups(tx, call.scope, input.SecurityGroups, balancer)
    const enforce = input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic
    if (enforce !== undefined && balancer.type !== 'network') {
      throw InvalidConfigurationRequest('PrivateLink traffic exists for network load balancers only')
    }
    const spec = {
      ...balancer.spec,
      securityGroupIds,
      ...(enforce === undefined ? {} : { enforceGroupsOnPrivateLink: enforce }),
    }
    await tx.put(loadBalancers, { ...balancer, spec })
    return { ...balancer, spec }
  })
  return {
    SecurityGroupIds: [...changed.spec.securityGroupIds],
    ...(changed.type === 'network'
      ? { EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: changed.spec.enforceGroupsOnPrivateLink ?? 'on' }
      : {}),
  }
}
