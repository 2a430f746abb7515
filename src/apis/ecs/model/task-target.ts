// Where a service's task is registered once it is ready: target groups, each with the container and port that serve it.

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { TargetGroupArn } from '#aws/arn.ts'

export interface TaskTarget {
  readonly targetGroupArn: TargetGroupArn
  readonly containerName: string
  readonly containerPort: number
}

/** Those that a service's `loadBalancers` name. */
export const targetsOf = (loadBalancers: readonly LoadBalancer[]): TaskTarget[] =>
  loadBalancers.flatMap(({ targetGroupArn, containerName, containerPort }) =>
    targetGroupArn === undefined || containerName === undefined || containerPort === undefined
      ? []
      : [{ targetGroupArn: targetGroupArn as TargetGroupArn, containerName, containerPort }],
  )
