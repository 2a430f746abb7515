// What one control plane has learnt about a task besides what records and engine tell: lost when it dies, and then
// learnt again. Pure.

import type { HealthStatus } from '#apis/ecs/model/task.ts'
import type { PulledImage } from '#engine/engine.ts'

export interface HealthNote {
  /** The start of the container's life that was checked; a restarted container begins anew. ISO 8601. */
  readonly life: string
  readonly status: HealthStatus
  /** ISO 8601. */
  readonly statusSince: string
  /** Consecutive failures that count. */
  readonly failures: number
  /** The last check's beginning and end. ISO 8601. */
  readonly begunAt: string
  readonly checkedAt: string
  readonly exitCode: number
  readonly output: string
}

export interface SignalNote {
  /** ISO 8601. */
  readonly stopAt?: string
  readonly killAt?: string
}

/** Everything by container name, times in ISO 8601. */
export interface Notes {
  readonly pullStartedAt?: string
  readonly pullStoppedAt?: string
  readonly images: Readonly<Record<string, PulledImage>>
  readonly createdAt: Readonly<Record<string, string>>
  /** Why a container cannot be launched, in ECS's words. */
  readonly launchFailures: Readonly<Record<string, string>>
  /** Why the task cannot be launched, in ECS's words. */
  readonly failure?: string
  readonly signals: Readonly<Record<string, SignalNote>>
  readonly health: Readonly<Record<string, HealthNote>>
  /** Keys of the shipments that the log shipper has been told of. */
  readonly shipped: Readonly<Record<string, true>>
  /** All output of the stopped containers is stored. */
  readonly logsFlushed: boolean
}

export const NO_NOTES: Notes = {
  images: {},
  createdAt: {},
  launchFailures: {},
  signals: {},
  health: {},
  shipped: {},
  logsFlushed: false,
}

/** Something a step has brought to light. */
export type Notice =
  | { readonly what: 'pull-started'; readonly at: string }
  | { readonly what: 'pulled'; readonly container: string; readonly image: PulledImage; readonly at: string }
  | { readonly what: 'created'; readonly container: string; readonly at: string }
  | { readonly what: 'launch-failed'; readonly container: string; readonly reason: string }
  | { readonly what: 'task-failed'; readonly reason: string }
  | { readonly what: 'signaled'; readonly container: string; readonly signal: 'STOP' | 'KILL'; readonly at: string }
  | ({ readonly what: 'health-checked'; readonly container: string } & HealthCheckResult)
  | { readonly what: 'shipped'; readonly key: string }
  | { readonly what: 'logs-flushed' }

export interface HealthCheckResult {
  readonly life: string
  readonly begunAt: string
  readonly at: string
  /** -1: it could not be run, or took too long. */
  readonly exitCode: number
  readonly output: string
  /** False during the start period: a failure then changes nothing. */
  readonly counts: boolean
  /** So many failures in a row make UNHEALTHY. */
  readonly retries: number
  /** What was on record when the check began: another control plane may have found it. */
  readonly before: Pick<HealthNote, 'status' | 'statusSince' | 'failures'>
}

const checked = (before: HealthNote | undefined, result: HealthCheckResult): HealthNote => {
  const { life, begunAt, at, exitCode, output } = result
  const last: HealthNote =
    before?.life === life ? before : { ...result.before, life, begunAt, checkedAt: at, exitCode, output }
  const failures = exitCode === 0 ? 0 : last.failures + (result.counts ? 1 : 0)
  const status = exitCode === 0 ? 'HEALTHY' : failures >= result.retries ? 'UNHEALTHY' : last.status
  const statusSince = status === last.status ? last.statusSince : at
  return { life, status, statusSince, failures, begunAt, checkedAt: at, exitCode, output }
}

export const noted = (notes: Notes, notice: Notice): Notes => {
  switch (notice.what) {
    case 'pull-started':
      return notes.pullStartedAt === undefined ? { ...notes, pullStartedAt: notice.at } : notes
    case 'pulled':
      return {
        ...notes,
        pullStoppedAt: notice.at,
        images: { ...notes.images, [notice.container]: notice.image },
      }
    case 'created':
      return { ...notes, createdAt: { ...notes.createdAt, [notice.container]: notice.at } }
    case 'launch-failed':
      return { ...notes, launchFailures: { ...notes.launchFailures, [notice.container]: notice.reason } }
    case 'task-failed':
      return { ...notes, failure: notes.failure ?? notice.reason }
    case 'signaled': {
      const at = notice.signal === 'STOP' ? { stopAt: notice.at } : { killAt: notice.at }
      return {
        ...notes,
        signals: { ...notes.signals, [notice.container]: { ...notes.signals[notice.container], ...at } },
      }
    }
    case 'health-checked': {
      const note = checked(notes.health[notice.container], notice)
      return { ...notes, health: { ...notes.health, [notice.container]: note } }
    }
    case 'shipped':
      return { ...notes, shipped: { ...notes.shipped, [notice.key]: true } }
    case 'logs-flushed':
      return { ...notes, logsFlushed: true }
  }
}
