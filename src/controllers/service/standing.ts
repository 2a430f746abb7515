// How one task stands: starting, running but not yet counted, healthy, unhealthy, or on its way out. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (minimumHealthyPercent)

import { desiredStatus, isStopped, type TaskRecord, type TaskState } from '#apis/ecs/model/task.ts'
import { milliseconds } from '#aws/time.ts'
import type { Facts } from './facts.ts'
import type { TargetProblem } from './target-health.ts'
import { HEALTHY_AFTER_RUNNING_SECONDS, SETTLED_AFTER_RUNNING_SECONDS } from './limits.ts'

/**
 * `pending`: not RUNNING yet. `fresh`: RUNNING, and not counted toward the healthy minimum yet. `leaving`: no longer
 * wanted, by whomever.
 */
export type Standing = 'pending' | 'fresh' | 'healthy' | 'unhealthy' | 'leaving' | 'stopped'

export interface Member {
  readonly task: TaskRecord
  readonly standing: Standing
  /** Counts against the upper limit: AWS's RUNNING and PENDING. */
  readonly occupies: boolean
  /** Would be no obstacle to a steady state. */
  readonly isSettled: boolean
  /** Neither scale-in nor a deployment may end it now. */
  readonly isProtected: boolean
  /** Where its load balancers find fault with it; none where its own health check has failed. */
  readonly problems?: readonly TargetProblem[]
  /** Since when it has been healthy. Milliseconds since 1970. */
  readonly healthySince?: number
  /** When time alone makes it stand otherwise. Milliseconds since 1970. */
  readonly changesAt: readonly number[]
}

const OCCUPYING: readonly TaskState[] = ['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING']

interface Judgement {
  readonly standing: Standing
  readonly isSettled?: boolean
  readonly problems?: readonly TargetProblem[]
  readonly healthySince?: number
  readonly changesAt?: readonly number[]
}

/** Of the essential containers that have a health check: has one failed it, have all passed it, and since when. */
const checksOf = (task: TaskRecord) => {
  const checks = task.status.containers.flatMap(({ essential, health }) =>
    essential === false || health === undefined ? [] : health,
  )
  return {
    has: checks.length > 0,
    hasFailed: checks.some(({ status }) => status === 'UNHEALTHY'),
    hasPassed: checks.every(({ status }) => status === 'HEALTHY'),
    since: Math.max(0, ...checks.map(({ statusSince }) => milliseconds(statusSince))),
  }
}

const judgedRunning = (task: TaskRecord, facts: Facts, now: number): Judgement => {
  const startedAt = milliseconds(task.status.startedAt ?? task.createdAt)
  const checks = checksOf(task)
  const target = facts.targetHealth(task)
  if (checks.hasFailed || target?.state === 'unhealthy') {
    // AWS: within the grace period, neither kind of unhealthy counts.
    const graceEnds = startedAt + facts.service.spec.healthCheckGracePeriodSeconds * 1000
    if (now < graceEnds) return { standing: 'fresh', changesAt: [graceEnds] }
    return { standing: 'unhealthy', problems: checks.hasFailed ? [] : (target?.problems ?? []) }
  }
  if (checks.has || target !== undefined) {
    const isHealthy = checks.hasPassed && target?.state !== 'initial'
    if (!isHealthy) return { standing: 'fresh' }
    return { standing: 'healthy', isSettled: true, healthySince: Math.max(checks.since, startedAt, target?.since ?? 0) }
  }
  const settlesAt = startedAt + SETTLED_AFTER_RUNNING_SECONDS * 1000
  const healthyAt = startedAt + HEALTHY_AFTER_RUNNING_SECONDS * 1000
  if (now >= healthyAt) return { standing: 'healthy', isSettled: true, healthySince: healthyAt }
  return { standing: 'fresh', isSettled: now >= settlesAt, changesAt: [settlesAt, healthyAt] }
}

const judged = (task: TaskRecord, facts: Facts, now: number): Judgement => {
  const { lastStatus } = task.status
  if (isStopped(task)) return { standing: 'stopped' }
  if (desiredStatus(task) === 'STOPPED' || !OCCUPYING.includes(lastStatus)) return { standing: 'leaving' }
  return lastStatus === 'RUNNING' ? judgedRunning(task, facts, now) : { standing: 'pending' }
}

export const memberOf = (task: TaskRecord, facts: Facts): Member => {
  const now = facts.now.getTime()
  const { changesAt = [], isSettled = false, ...judgement } = judged(task, facts, now)
  const protectedUntil = task.spec.protectedUntil === undefined ? 0 : milliseconds(task.spec.protectedUntil)
  return {
    task,
    ...judgement,
    isSettled,
    occupies: OCCUPYING.includes(task.status.lastStatus),
    isProtected: protectedUntil > now,
    changesAt: [...changesAt, protectedUntil].filter((at) => at > now),
  }
}

/** Wanted, and not known to be broken. */
export const isGood = ({ standing }: Member): boolean =>
  standing === 'pending' || standing === 'fresh' || standing === 'healthy'

export const isLive = (member: Member): boolean => isGood(member) || member.standing === 'unhealthy'
