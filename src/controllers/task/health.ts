// When a container's health is checked, and what the checks make of it. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html

import type { ContainerHealth, TaskContainer } from '#apis/ecs/model/task.ts'
import type { HealthCheckWish } from './facts.ts'
import { EARLY_CHECK_SECONDS, HEALTH_INTERVAL_SECONDS, HEALTH_RETRIES, HEALTH_TIMEOUT_SECONDS } from './limits.ts'
import { milliseconds } from './milliseconds.ts'
import type { HealthNote } from './notes.ts'
import type { Member } from './roster.ts'

/** Undefined where nothing is checked: images' own health checks are ignored, as on ECS. */
export const healthCommand = (member: Member): readonly string[] | undefined => {
  const [kind, ...rest] = member.definition.healthCheck?.command ?? []
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', rest.join(' ')]
  return kind === 'CMD' && rest.length > 0 ? rest : undefined
}

/** The note, if it is of this life of the container. */
const noteOfLife = (container: TaskContainer, note: HealthNote | undefined): HealthNote | undefined =>
  note !== undefined && note.life === container.startedAt ? note : undefined

/** A container's health as it is known by now; undefined without a health check. */
export const currentHealth = (member: Member, note: HealthNote | undefined): ContainerHealth | undefined => {
  const { container } = member
  if (healthCommand(member) === undefined || container.startedAt === undefined) return container.health
  const known = noteOfLife(container, note)
  if (known === undefined) return container.health ?? unknownHealth(container.startedAt)
  // Written down when the verdict changes, not at every check: a thousand healthy tasks write nothing.
  if (container.health?.status === known.status && container.health.statusSince === known.statusSince) {
    return container.health
  }
  const { status, statusSince, failures, checkedAt, exitCode, output } = known
  return { status, statusSince, failures, lastCheckedAt: checkedAt, exitCode, output }
}

/** What a container is from the moment it starts until its first verdict. */
export const unknownHealth = (since: string): ContainerHealth => ({
  status: 'UNKNOWN',
  statusSince: since,
  failures: 0,
})

export interface NextCheck {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly wish: HealthCheckWish
}

/** Undefined where nothing is to be checked. */
export const nextCheck = (member: Member, note: HealthNote | undefined, now: number): NextCheck | undefined => {
  const command = healthCommand(member)
  const { lastStatus, startedAt, health } = member.container
  if (command === undefined || lastStatus !== 'RUNNING' || startedAt === undefined) return undefined
  const { interval, timeout, retries, startPeriod } = member.definition.healthCheck ?? {}
  const started = milliseconds(startedAt)
  const intervalMs = (interval ?? HEALTH_INTERVAL_SECONDS) * 1000
  const known = noteOfLife(member.container, note)
  const checkedAt = known === undefined ? started : milliseconds(known.checkedAt)
  const begunAt = known === undefined ? started : milliseconds(known.begunAt)
  const isUnknown = (known?.status ?? health?.status ?? 'UNKNOWN') === 'UNKNOWN'
  const firstRegular = started + intervalMs
  const early = started + nextEarlyMs(checkedAt - started)
  const isEarly = isUnknown && early < firstRegular && now < firstRegular
  // An early check that took long does not stand for the first regular one.
  const regular = begunAt < firstRegular ? firstRegular : checkedAt + intervalMs
  const at = isEarly ? early : regular
  // Before a first success, failures of the start period are forgiven.
  const isForgiven = isEarly || (isUnknown && at < started + (startPeriod ?? 0) * 1000)
  return {
    at,
    wish: {
      command,
      timeoutSeconds: timeout ?? HEALTH_TIMEOUT_SECONDS,
      life: startedAt,
      counts: !isForgiven,
      retries: retries ?? HEALTH_RETRIES,
      before: health ?? unknownHealth(startedAt),
    },
  }
}

/** The next of 1, 2, 4, … times EARLY_CHECK_SECONDS after that much of a life. */
const nextEarlyMs = (aliveMs: number): number => {
  let at = EARLY_CHECK_SECONDS * 1000
  while (at <= aliveMs) at *= 2
  return at
}
