// Why a load balancer finds a task unhealthy: what it asks, what it got, what to try. Pure.

import type { HealthCheck, TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { HEALTH } from '#apis/elbv2/model/target.ts'

/** A task in one of its target groups. */
export interface TargetFacts {
  readonly group: Pick<TargetGroupRecord, 'name' | 'spec'>
  readonly port: number
  /** In Elastic Load Balancing's words; absent where all is well, or nothing is known. */
  readonly problem?: string
}

const asked = ({ protocol, path, port, matcher }: HealthCheck, targetPort: number): string => {
  const at = `port ${port === 'traffic-port' ? targetPort : port}`
  if (protocol === 'TCP') return `connects to ${at}`
  return `asks ${protocol === 'HTTPS' ? 'over HTTPS ' : ''}for ${path ?? '/'} on ${at}, and expects ${matcher ?? '200'}`
}

/** Of those that have a problem. */
export const targetProblems = (targets: readonly TargetFacts[]): string[] =>
  targets.flatMap(({ group, port, problem }) =>
    problem === undefined
      ? []
      : [`Target group ${group.name} ${asked(group.spec.healthCheck, port)}; what it got: ${problem}.`],
  )

const advice = ({ group, port, problem }: TargetFacts): string => {
  const { path = '/', matcher = '200', timeoutSeconds } = group.spec.healthCheck
  if (problem?.includes('with these codes')) {
    return `Answer ${path} with ${matcher}, or change what the target group asks: aws elbv2 modify-target-group --health-check-path … --matcher …`
  }
  if (problem === HEALTH.timeout.description) {
    return `It did not answer within ${timeoutSeconds} s: see whether the security group of the tasks lets the load balancer's in on port ${port}, and whether the server listens on 0.0.0.0.`
  }
  return `See whether the server listens on 0.0.0.0:${port}, and not on 127.0.0.1 alone.`
}

export const targetAdvice = (targets: readonly TargetFacts[]): string[] => [
  ...new Set(targets.filter(({ problem }) => problem !== undefined).map(advice)),
  'If it starts slowly, give its service a "healthCheckGracePeriodSeconds".',
]
