// Where a service's task is registered once it is ready: target groups, each with the container and port that serve it.

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { TargetGroupArn } from '#aws/arn.ts'

export interface TaskTarget {
  readonly targetGroupArn: TargetGroupArn
  readonly containerName: string
  readonly containerPort: number
}

/** Of a task that is ready: a target group that would not have it. */
export interface RefusedTarget extends TaskTarget {
  /** In Elastic Load Balancing's words. */
  readonly error: string
}

/** Those that a service's `loadBalancers` name. */
export const targetsOf = (loadBalancers: readonly LoadBalancer[]): TaskTarget[] =>
  loadBalancers.flatMap(({ targetGroupArn, containerName, containerPort }) =>
    targetGroupArn === undefined || containerName === undefined || containerPort === undefined
      ? []
      : [{ targetGroupArn: targetGroupArn as TargetGroupArn, containerName, containerPort }],
  )
