// What DescribeTargetHealth says of a target: what its controller has seen, or why nobody looks at it.

import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancerRecord } from './load-balancer.ts'
import type { TargetGroupRecord } from './target-group.ts'
import { HEALTH, type TargetHealth, type TargetRecord } from './target.ts'

/** Whether the target's zone is one that the load balancer is in; a target outside the VPC is in all. */
export const isInEnabledZone = (
  target: Pick<TargetRecord, 'availabilityZone'>,
  balancer: Pick<LoadBalancerRecord, 'spec'>,
): boolean =>
  target.availabilityZone === undefined ||
  target.availabilityZone === 'all' ||
  balancer.spec.subnets.some(({ availabilityZone }) => availabilityZone === target.availabilityZone)

/** `balancer`: the one that sends requests to the target's group; undefined when none does. */
export const healthOf = (target: TargetRecord, balancer: LoadBalancerRecord | undefined): TargetHealth => {
  if (balancer === undefined) return HEALTH.notInUse
  if (!isInEnabledZone(target, balancer)) return HEALTH.zoneNotEnabled
  // The controller may not have seen the wish yet.
  if (target.spec.deregisteredAt !== undefined) return HEALTH.draining
  return target.status
}

const shown = ({ state, reason, description }: TargetHealth): TargetHealthDescription['TargetHealth'] => ({
  State: state,
  ...(reason === undefined ? {} : { Reason: reason as NonNullable<TargetHealthDescription['TargetHealth']>['Reason'] }),
  ...(description === undefined ? {} : { Description: description }),
})

export const describeTargetHealth = (
  group: TargetGroupRecord,
  target: Pick<TargetRecord, 'id' | 'port' | 'availabilityZone'>,
  health: TargetHealth,
): TargetHealthDescription => {
  const { port: checked } = group.spec.healthCheck
  const port = checked === 'traffic-port' ? target.port : checked
  return {
    Target: {
      Id: target.id,
      ...(target.port === undefined ? {} : { Port: target.port }),
      ...(target.availabilityZone === undefined ? {} : { AvailabilityZone: target.availabilityZone }),
    },
    ...(port === undefined ? {} : { HealthCheckPort: String(port) }),
    TargetHealth: shown(health),
  }
}
