// A target's registration as a record, and the states, reasons and texts of its health.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html)

import type { ServiceArn, TargetGroupArn, TaskArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { TARGETS_PER_TARGET_GROUP } from './limits.ts'
import type { TargetGroupRecord } from './target-group.ts'

export type TargetState =
  | 'initial'
  | 'healthy'
  | 'unhealthy'
  | 'unhealthy.draining'
  | 'unused'
  | 'draining'
  | 'unavailable'

export interface TargetHealth {
  readonly state: TargetState
  /** Absent when healthy. */
  readonly reason?: string
  readonly description?: string
}

/** Written by operations, and by the task controller for its tasks. */
export interface TargetSpec {
  /** ISO 8601. A target that is registered again while it drains gets a new time, and its health begins anew. */
  readonly registeredAt: string
  /** ISO 8601. Drain it for the group's deregistration delay, then forget the row. */
  readonly deregisteredAt?: string
  /** Whose address it is, where a service has registered it. */
  readonly task?: TargetTask
}

export interface TargetTask {
  readonly arn: TaskArn
  readonly serviceArn: ServiceArn
}

/** Written by the load-balancer controller only. */
export interface TargetStatus extends TargetHealth {
  /** ISO 8601: since when it is in this state. */
  readonly since: string
}

export interface TargetRecord {
  readonly targetGroupArn: TargetGroupArn
  readonly scope: Scope
  /** An address of the VPC ("ip"), an instance's id, a function's or a load balancer's ARN. */
  readonly id: string
  /** Absent for Lambda functions. */
  readonly port?: number
  /** The zone of an address inside the VPC; "all" for one outside. */
  readonly availabilityZone?: string
  readonly spec: TargetSpec
  readonly status: TargetStatus
}

/** AWS's own words for each state, for whoever records one. */
export const HEALTH = {
  registering: {
    state: 'initial',
    reason: 'Elb.RegistrationInProgress',
    description: 'Target registration is in progress',
  },
  checking: {
    state: 'initial',
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  },
  healthy: { state: 'healthy' },
  failedChecks: { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' },
  timeout: { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' },
  draining: {
    state: 'draining',
    reason: 'Target.DeregistrationInProgress',
    description: 'Target deregistration is in progress',
  },
  notInUse: {
    state: 'unused',
    reason: 'Target.NotInUse',
    description: 'Target group is not configured to receive traffic from the load balancer',
  },
  zoneNotEnabled: {
    state: 'unused',
    reason: 'Target.NotInUse',
    description: 'Target is in an Availability Zone that is not enabled for the load balancer',
  },
  notRegistered: {
    state: 'unused',
    reason: 'Target.NotRegistered',
    description: 'Target is not registered to the target group',
  },
} as const satisfies Readonly<Record<string, TargetHealth>>

/** The health check was answered, with a code that the matcher does not name. */
export const codeMismatch = (code: number): TargetHealth => ({
  state: 'unhealthy',
  reason: 'Target.ResponseCodeMismatch',
  description: `Health checks failed with these codes: [${code}]`,
})

/** Why a full group takes no further target. AWS says so of a load balancer's quota, in these words. */
export const TOO_MANY_TARGETS = `The maximum number of targets per target group '${TARGETS_PER_TARGET_GROUP}' has been reached`

/** A target as it is when it has just been registered; also one that was draining. `now` is ISO 8601. */
export const registeredTarget = (
  group: Pick<TargetGroupRecord, 'arn' | 'scope'>,
  target: Pick<TargetRecord, 'id' | 'port' | 'availabilityZone'>,
  now: string,
): TargetRecord => ({
  targetGroupArn: group.arn,
  scope: group.scope,
  ...target,
  spec: { registeredAt: now },
  status: { ...HEALTH.registering, since: now },
})

/**
 * A service's task as a target. What somebody has registered at that address already becomes the task's, with the
 * health that it has. `now` is ISO 8601.
 */
export const targetOfTask = (
  registered: TargetRecord,
  task: TargetTask,
  before: TargetRecord | undefined,
): TargetRecord => {
  const row = before === undefined || before.spec.deregisteredAt !== undefined ? registered : before
  return { ...row, spec: { ...row.spec, task } }
}

/** The same target, no longer wanted; what it is doing may end first. `now` is ISO 8601. */
export const deregisteredTarget = (target: TargetRecord, now: string): TargetRecord =>
  target.spec.deregisteredAt === undefined ? { ...target, spec: { ...target.spec, deregisteredAt: now } } : target
