// How DescribeTargetGroups shows a target group.

import type { Matcher, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancerArn } from '#aws/arn.ts'
import type { TargetGroupRecord } from './target-group.ts'

const matcherOf = ({ protocolVersion, spec }: TargetGroupRecord): { readonly Matcher?: Matcher } => {
  const { matcher } = spec.healthCheck
  if (matcher === undefined) return {}
  return { Matcher: protocolVersion === 'GRPC' ? { GrpcCode: matcher } : { HttpCode: matcher } }
}

export const describeTargetGroup = (
  group: TargetGroupRecord,
  loadBalancers: readonly LoadBalancerArn[],
): TargetGroup => {
  const { healthCheck: check } = group.spec
  const isFunction = group.targetType === 'lambda'
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    ...(group.protocol === undefined ? {} : { Protocol: group.protocol }),
    ...(group.port === undefined ? {} : { Port: group.port }),
    ...(group.vpcId === undefined ? {} : { VpcId: group.vpcId }),
    ...(isFunction ? {} : { HealthCheckProtocol: check.protocol, HealthCheckPort: String(check.port) }),
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.path === undefined ? {} : { HealthCheckPath: check.path }),
    ...matcherOf(group),
    LoadBalancerArns: [...loadBalancers],
    TargetType: group.targetType,
    ...(group.protocolVersion === undefined ? {} : { ProtocolVersion: group.protocolVersion }),
    IpAddressType: group.ipAddressType,
  }
}
