// Whether a container that has ended is started again in the same task. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html

import type { ContainerObservation } from '#engine/engine.ts'
import { RESTART_ATTEMPT_SECONDS } from './limits.ts'
import { milliseconds } from './milliseconds.ts'
import type { Member } from './roster.ts'

/** It must have run for the whole attempt period since it last started, or it is left to lie. */
export const isRestarted = (member: Member, ended: ContainerObservation): boolean => {
  const policy = member.definition.restartPolicy
  const { exitCode, startedAt, finishedAt } = ended
  if (policy?.enabled !== true || exitCode === undefined || startedAt === undefined || finishedAt === undefined) {
    return false
  }
  if (policy.ignoredExitCodes?.includes(exitCode)) return false
  const ranSeconds = (milliseconds(finishedAt) - milliseconds(startedAt)) / 1000
  return ranSeconds >= (policy.restartAttemptPeriod ?? RESTART_ATTEMPT_SECONDS)
}

/** The engine still shows the life that has been counted as ended: the next one has not begun. */
export const awaitsRestart = (member: Member, seen: ContainerObservation | undefined): boolean => {
  const { lastStatus, restartCount, startedAt } = member.container
  if (lastStatus !== 'PENDING' || restartCount === 0) return false
  return seen === undefined || (seen.state === 'exited' && seen.startedAt === startedAt)
}
