// What is recorded of targets, from what the load balancer says of them. Pure.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html

import { codeMismatch, HEALTH, type TargetHealth, type TargetRecord } from '#apis/elbv2/model/target.ts'
import { isInEnabledZone } from '#apis/elbv2/model/target-health.ts'
import { targetKey } from '#apis/elbv2/tables.ts'
import { drainEndsAt } from '#apis/elbv2/model/target-group-attributes.ts'
import type { TargetObservation } from '#dataplane/balancer/balancer.ts'
import type { Facts } from './facts.ts'
import { addressesOf } from './plan.ts'

export interface TargetNews {
  /** With their new status. */
  readonly changed: readonly TargetRecord[]
  /** Those that have drained. */
  readonly gone: readonly TargetRecord[]
  /** Milliseconds since 1970: when the next one's time to drain is over. */
  readonly nextAt: number | undefined
}

const failed = (seen: TargetObservation): TargetHealth => {
  switch (seen.failure?.why) {
    case 'timeout':
      return HEALTH.timeout
    case 'mismatch':
      return codeMismatch(seen.failure.code)
    default:
      return HEALTH.failedChecks
  }
}

const healthOf = (seen: TargetObservation | undefined): TargetHealth => {
  if (seen === undefined) return HEALTH.registering
  if (seen.health === 'unknown') return HEALTH.checking
  return seen.health === 'healthy' ? HEALTH.healthy : failed(seen)
}

const BEST_FIRST: readonly TargetObservation['health'][] = ['healthy', 'unknown', 'unhealthy']

/** One that answers at several addresses is as the best of them. */
const together = (seen: readonly TargetObservation[]): TargetObservation | undefined => {
  const [best] = seen.toSorted((a, b) => BEST_FIRST.indexOf(a.health) - BEST_FIRST.indexOf(b.health))
  return best && { ...best, sessions: seen.reduce((sum, { sessions }) => sum + sessions, 0) }
}

const isSame = (a: TargetHealth, b: TargetHealth): boolean =>
  a.state === b.state && a.reason === b.reason && a.description === b.description

/** The same target in that state, since now; itself where it was in it. */
export const turned = (target: TargetRecord, health: TargetHealth, now: Date): TargetRecord =>
  isSame(target.status, health) ? target : { ...target, status: { ...health, since: now.toISOString() } }

/**
 * `applied` is what the load balancer was last told, before it was looked at: one that drains by now, but did not then,
 * may be idle by chance. `seen` is undefined while it does not run: then nothing new is known of health.
 */
export const targetNews = (
  facts: Facts,
  applied: Facts,
  seen: readonly TargetObservation[] | undefined,
  now: Date,
): TargetNews => {
  const changed: TargetRecord[] = []
  const gone: TargetRecord[] = []
  let nextAt: number | undefined
  const known = new Map((seen ?? []).map((one) => [`${one.groupId} ${one.address} ${one.port}`, one]))
  const told = new Set(
    applied.groups.flatMap(({ targets }) => targets.filter(({ spec }) => spec.deregisteredAt).map(targetKey)),
  )
  for (const group of facts.groups) {
    for (const target of group.targets) {
      const observation = together(
        addressesOf(facts, group.group, target).flatMap(
          (address) => known.get(`${group.group.id} ${address} ${target.port}`) ?? [],
        ),
      )
      if (target.spec.deregisteredAt !== undefined) {
        const endsAt = drainEndsAt(group.group, target.spec.deregisteredAt)
        // Nothing is left to wait for once it is idle.
        const isIdle = seen !== undefined && told.has(targetKey(target)) && (observation?.sessions ?? 0) === 0
        if (now.getTime() >= endsAt || isIdle) gone.push(target)
        else nextAt = Math.min(nextAt ?? endsAt, endsAt)
        if (target.status.state !== 'draining') changed.push(turned(target, HEALTH.draining, now))
        continue
      }
      const health = isInEnabledZone(target, facts.balancer) ? healthOf(observation) : HEALTH.zoneNotEnabled
      const after = seen === undefined && target.status.state !== 'unused' ? target : turned(target, health, now)
      if (after !== target) changed.push(after)
    }
  }
  return {
    changed: changed.filter(
      (one) =>
        !gone.some(
          (other) => other.id === one.id && other.port === one.port && other.targetGroupArn === one.targetGroupArn,
        ),
    ),
    gone,
    nextAt,
  }
}
