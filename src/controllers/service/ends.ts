// What the ends of tasks mean for their service: counted once each, by kind. Pure.

import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import { milliseconds } from '#aws/time.ts'
import { failedOnce } from './breaker.ts'
import type { Draft } from './draft.ts'
import { SHORT_LIFE_SECONDS } from './limits.ts'
import { paused, throttled } from './pace.ts'

/** Nobody wished it: neither a user, nor the scheduler, nor the owner of the capacity. */
const endedByItself = ({ status }: TaskRecord): boolean =>
  status.stopCode === 'TaskFailedToStart' ||
  status.stopCode === 'EssentialContainerExited' ||
  status.stopCode === 'InfrastructureHealth'

const livedSeconds = ({ status }: TaskRecord): number =>
  (milliseconds(status.stoppingAt ?? '') - milliseconds(status.startedAt ?? '')) / 1000

const countEnd = (draft: Draft, task: TaskRecord): void => {
  if (!endedByItself(task)) return
  const { revisionArn } = task.owner ?? {}
  const { primaryRevisionArn, throttle, pause } = draft.service.status
  const isOld = revisionArn !== undefined && revisionArn !== primaryRevisionArn
  if (task.status.startedAt !== undefined) {
    if (livedSeconds(task) < SHORT_LIFE_SECONDS) draft.setStatus({ pause: paused(pause, task.createdAt, draft.now) })
    return
  }
  if (isOld) {
    // An old revision that cannot start any more is not worth the new one's room.
    const left = (draft.revisions.get(revisionArn)?.rollout.desiredCount ?? 0) - 1
    draft.setRollout(revisionArn, { desiredCount: Math.max(0, left) })
    return
  }
  draft.setStatus({ throttle: throttled(throttle, task.createdAt, draft.now) })
  if (revisionArn !== undefined) failedOnce(draft, revisionArn, 'start')
}

/** What ended it is on record: what is left of it need not be waited for. */
const hasEnded = (task: TaskRecord): boolean => isStopped(task) || task.status.stopCode !== undefined

/** A task that has come to RUNNING since the last failure proves that tasks can start. */
const forgiven = (draft: Draft): void => {
  const { throttle } = draft.service.status
  if (throttle === undefined) return
  const since = milliseconds(throttle.since)
  const hasStarted = draft.facts.tasks.some(({ status }) => milliseconds(status.startedAt ?? throttle.since) > since)
  if (hasStarted || draft.service.spec.desiredCount === 0) draft.setStatus({ throttle: undefined })
}

export const countEnds = (draft: Draft): void => {
  for (const task of draft.facts.tasks) {
    if (task.owner === undefined || task.owner.isCounted === true || !hasEnded(task)) continue
    countEnd(draft, task)
    draft.own(task, { isCounted: true })
  }
  forgiven(draft)
}
