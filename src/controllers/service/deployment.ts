// The moves of a service deployment and of the rollouts it is made of: begun, superseded, completed, failed, rolled back.
// Pure. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html

import { isFinished, type ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import { deploymentIdOf, type ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { ignoreStaleAlarms } from './alarms.ts'
import type { Draft } from './draft.ts'
import { deploymentCompleted, deploymentFailed, rollingBack } from './events.ts'
import { byAge } from './order.ts'

export interface Failure {
  /** As the event says it: "deployment failed: …". */
  readonly told: string
  /** The failed revision's rolloutStateReason. */
  readonly reason: string
  /** The rolloutStateReason of the one that is gone back to: the deployment's id follows. */
  readonly backReason: string
  /** The service deployment's statusReason. */
  readonly deploymentReason: string
  readonly rollback: boolean
}

export const BREAKER_FAILURE: Omit<Failure, 'rollback'> = {
  told: 'tasks failed to start',
  reason: 'ECS deployment circuit breaker: tasks failed to start.',
  backReason: 'ECS deployment circuit breaker: rolling back to deploymentId',
  deploymentReason: 'Service deployment failed because the circuit breaker threshold was exceeded.',
}

export const ALARM_FAILURE: Omit<Failure, 'rollback'> = {
  told: 'alarm detected',
  reason: 'ECS deployment failed: alarm detected.',
  backReason: 'ECS deployment alarm detected: rolling back to deploymentId',
  deploymentReason: 'Service deployment failed because an alarm was detected.',
}

/** A lifecycle hook has failed, or nobody has answered in time. */
export const HOOK_FAILURE: Omit<Failure, 'rollback'> = {
  told: 'lifecycle hook failed',
  reason: 'ECS deployment failed: lifecycle hook failed.',
  backReason: 'ECS deployment lifecycle hook failed: rolling back to deploymentId',
  deploymentReason: 'Service deployment failed because a lifecycle hook failed.',
}

/** Somebody has deleted a listener rule. The words are ours. */
export const RULE_FAILURE: Omit<Failure, 'rollback'> = {
  told: 'listener rule not found',
  reason: 'ECS deployment failed: listener rule not found.',
  backReason: 'ECS deployment listener rule not found: rolling back to deploymentId',
  deploymentReason: 'Service deployment failed because a listener rule was not found.',
}

const STOP_FAILURE: Omit<Failure, 'rollback'> = {
  told: 'stopped by user',
  reason: 'ECS deployment stopped by user.',
  backReason: 'ECS deployment stopped by user: rolling back to deploymentId',
  deploymentReason: 'Service deployment stopped by user.',
}

const SUPERSEDED = 'Service deployment stopped because a newer service deployment was started.'

const ended = (draft: Draft) => ({ finishedAt: draft.at })

/** Deployments that a newer one has overtaken end; the newest begins. */
export const beginDeployments = (draft: Draft): void => {
  const { deployment } = draft
  for (const other of draft.deployments.values()) {
    if (other.arn === deployment?.arn || isFinished(other)) continue
    draft.setProgress(other.arn, { state: 'STOPPED', reason: SUPERSEDED, stoppedAt: draft.at, ...ended(draft) })
  }
  if (deployment?.progress.state === 'PENDING') {
    ignoreStaleAlarms(draft, deployment)
    draft.setProgress(deployment.arn, { state: 'IN_PROGRESS', startedAt: draft.at })
  }
}

/** What StopServiceDeployment asked for. */
export const heedStop = (draft: Draft): void => {
  const { deployment } = draft
  const stop = deployment?.spec.stop
  if (deployment === undefined || stop === undefined || isFinished(deployment)) return
  if (deployment.progress.state === 'ROLLBACK_IN_PROGRESS') return
  failDeployment(draft, { ...STOP_FAILURE, rollback: stop.type === 'ROLLBACK' })
}

/**
 * The newest of the revisions that the deployment came from whose own deployment was completed. One that is itself
 * being gone back to is not completed.
 */
const rollbackTarget = (draft: Draft, deployment: ServiceDeploymentRecord): ServiceRevisionRecord | undefined =>
  deployment.spec.sourceRevisionArns
    .flatMap((arn) => draft.revisions.get(arn) ?? [])
    .filter(({ arn, rollout }) => rollout.state === 'COMPLETED' && arn !== draft.primary?.arn)
    .toSorted(byAge)
    .at(-1)

/** The primary's rollout has failed: the service goes back if it may and can, and stalls otherwise. */
export const failDeployment = (draft: Draft, failure: Failure): void => {
  const { primary, deployment, subject } = draft
  if (primary === undefined) return
  draft.setRollout(primary.arn, { state: 'FAILED', reason: failure.reason })
  draft.tellFirst(deploymentFailed(subject, deploymentIdOf(primary), failure.told))
  if (deployment === undefined || isFinished(deployment)) return
  const wasRollback = deployment.progress.state === 'ROLLBACK_IN_PROGRESS'
  const target = failure.rollback ? rollbackTarget(draft, deployment) : undefined
  if (target !== undefined) return rollBack(draft, deployment, target, failure)
  draft.setProgress(deployment.arn, {
    state: wasRollback || failure.rollback ? 'ROLLBACK_FAILED' : 'STOPPED',
    reason: failure.deploymentReason,
    ...(wasRollback || failure.rollback ? {} : { stoppedAt: draft.at }),
    ...ended(draft),
  })
}

const rollBack = (
  draft: Draft,
  deployment: ServiceDeploymentRecord,
  target: ServiceRevisionRecord,
  failure: Failure,
): void => {
  const id = deploymentIdOf(target)
  draft.tellFirst(rollingBack(draft.subject, id))
  draft.setRollout(target.arn, {
    state: 'IN_PROGRESS',
    reason: `${failure.backReason} ${id}.`,
    failedTasks: 0,
    hasRun: false,
    lastFailureAt: draft.at,
  })
  draft.setProgress(deployment.arn, {
    state: 'ROLLBACK_IN_PROGRESS',
    reason: failure.deploymentReason,
    rollback: { reason: failure.deploymentReason, startedAt: draft.at, revisionArn: target.arn },
  })
  draft.setStatus({ primaryRevisionArn: target.arn, throttle: undefined, pause: undefined, isSteady: false })
}

/** Everything is as the deployment wanted it. */
export const completeDeployment = (draft: Draft): void => {
  const { primary, deployment, subject } = draft
  if (primary === undefined || primary.rollout.state !== 'IN_PROGRESS') return
  const id = deploymentIdOf(primary)
  draft.setRollout(primary.arn, { state: 'COMPLETED', reason: `ECS deployment ${id} completed.`, failedTasks: 0 })
  draft.tell(deploymentCompleted(subject, id))
  if (deployment === undefined || isFinished(deployment)) return
  const { circuitBreaker, alarms, state } = deployment.progress
  const over = <T extends { readonly status: string }>(monitor: T): T =>
    monitor.status === 'MONITORING' ? { ...monitor, status: 'MONITORING_COMPLETE' } : monitor
  draft.setProgress(deployment.arn, {
    state: state === 'ROLLBACK_IN_PROGRESS' ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL',
    circuitBreaker: over(circuitBreaker),
    alarms: over(alarms),
    ...ended(draft),
  })
}
