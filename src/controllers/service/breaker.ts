// The deployment circuit breaker: what it counts, up to where, and what makes it forget. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html

import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs'
import { breakerThreshold, isFinished } from '#apis/ecs/model/service-deployment.ts'
import { milliseconds } from '#aws/time.ts'
import type { Draft } from './draft.ts'

/**
 * Until a task of the revision has been RUNNING, failing starts count; from then on, failing health. AWS's
 * `failedTasks` counts also where no breaker is on.
 */
export const failedOnce = (draft: Draft, revisionArn: string, kind: 'start' | 'health'): void => {
  const revision = draft.revisions.get(revisionArn)
  if (revision === undefined || revision.rollout.state !== 'IN_PROGRESS') return
  if (revision.rollout.hasRun !== (kind === 'health')) return
  draft.setRollout(revisionArn, { failedTasks: revision.rollout.failedTasks + 1, lastFailureAt: draft.at })
}

const configurationOf = (draft: Draft): DeploymentCircuitBreaker | undefined =>
  draft.service.spec.deploymentConfiguration.deploymentCircuitBreaker

/** Notes what the primary's tasks prove, and returns whether the breaker trips. */
export const breakerTrips = (draft: Draft): boolean => {
  const { primary, deployment } = draft
  if (primary === undefined || primary.rollout.state !== 'IN_PROGRESS') return false
  const breaker = configurationOf(draft)
  const own = draft.members.filter(({ task }) => task.owner?.revisionArn === primary.arn)
  const forgets = breaker?.resetOnHealthyTask !== false
  const hasRun = primary.rollout.hasRun || draft.facts.tasks.some(isProofOf(primary.arn))
  const lastFailure = milliseconds(primary.rollout.lastFailureAt ?? primary.createdAt)
  const isProven = hasRun !== primary.rollout.hasRun || own.some(({ healthySince = 0 }) => healthySince > lastFailure)
  const failedTasks = forgets && isProven ? 0 : primary.rollout.failedTasks
  draft.setRollout(primary.arn, { hasRun, failedTasks })
  if (deployment === undefined || isFinished(deployment)) return false
  const threshold = breakerThreshold(draft.service.spec.desiredCount, breaker)
  const isOn = breaker?.enable === true
  const trips = isOn && failedTasks >= threshold
  draft.setProgress(deployment.arn, {
    circuitBreaker: {
      status: trips ? 'TRIGGERED' : isOn ? 'MONITORING' : 'DISABLED',
      failureCount: failedTasks,
      threshold,
    },
  })
  return trips
}

const isProofOf =
  (revisionArn: string) =>
  ({ owner, status }: { owner?: { revisionArn?: string }; status: { startedAt?: string } }): boolean =>
    owner?.revisionArn === revisionArn && status.startedAt !== undefined
