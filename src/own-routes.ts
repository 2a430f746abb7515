// What AWS has no API for, under /_neargate/: images without a registry, the state of this instance, a task's
// timeline, the ways of packets.

import { AwsError } from '#aws/refusal.ts'
import type { Route } from '#apiserver/route.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import type { PoolUse } from '#controllers/capacity/ledger.ts'
import type { Engine, StoredImage } from '#engine/engine.ts'
import { isFault } from '#base/fault.ts'
import { json, PREFIX } from './routes/answers.ts'
import { loadBalancersRoute, type LoadBalancersRouteOptions } from './routes/load-balancers.ts'
import { type ExplainPathOptions, explainPathRoute } from './routes/explain-path.ts'
import { requestsRoute, type RequestsRouteOptions } from './routes/requests.ts'
import { metricsRoute, type MetricsRouteOptions } from './routes/metrics.ts'
import { eventRoute, type EventRouteOptions } from './routes/events.ts'
import { whyRoute, type WhyRouteOptions } from './routes/why.ts'
import { spotRoute, type SpotRouteOptions } from './routes/spot.ts'

/** A broken or hostile image is the caller's mistake; anything else is not theirs. */
const told = (error: unknown): never => {
  if (isFault(error, 'invalid') && error.message.startsWith('archive/tar: ')) {
    throw new AwsError('InvalidImage', `this is no tar archive of an OCI layout or of docker save (${error.message})`)
  }
  if (isFault(error, 'invalid') || isFault(error, 'not-found')) throw new AwsError('InvalidImage', error.message)
  if (isFault(error, 'no-space')) throw new AwsError('NoSpace', error.message, { status: 507 })
  throw error
}

const imageRoutes = (engine: Engine): Route[] => [
  {
    method: 'PUT',
    path: `${PREFIX}images`,
    handle: async ({ body, signal }) => {
      const images: StoredImage[] = await engine.images.import(body, signal).catch(told)
      return json({ images })
    },
  },
  { method: 'GET', path: `${PREFIX}images`, handle: async () => json({ images: await engine.images.list() }) },
  {
    method: 'DELETE',
    path: `${PREFIX}images`,
    handle: async ({ query }) => {
      const reference = query.get('reference')
      if (reference === null) throw new AwsError('MissingParameter', 'say which image: ?reference=NAME')
      await engine.images.remove(reference).catch(told)
      return json({ removed: reference })
    },
  },
]

export interface TimelineEvent {
  /** ISO 8601. */
  readonly at: string
  readonly what: string
}

/** What happened to a task, in order, as far as it is recorded. */
export const timelineOf = ({ createdAt, status }: TaskRecord): TimelineEvent[] => {
  const containers = status.containers.flatMap((container) => {
    const exit = container.exitCode === undefined ? '' : ` with exit code ${container.exitCode}`
    return [
      { at: container.createdAt, what: `container ${container.name} created` },
      { at: container.startedAt, what: `container ${container.name} started` },
      {
        at: container.health?.status === 'UNKNOWN' ? undefined : container.health?.statusSince,
        what: `container ${container.name} ${container.health?.status}`,
      },
      { at: container.finishedAt, what: `container ${container.name} ended${exit}` },
    ]
  })
  const events: { at: string | undefined; what: string }[] = [
    { at: createdAt, what: 'accepted' },
    { at: status.connectivityAt, what: 'network up' },
    { at: status.pullStoppedAt, what: 'image ready' },
    ...containers,
    { at: status.startedAt, what: 'RUNNING' },
    { at: status.stoppingAt, what: 'STOPPING' },
    { at: status.stoppedAt, what: 'STOPPED' },
  ]
  return events
    .filter((event): event is TimelineEvent => event.at !== undefined)
    .toSorted((a, b) => a.at.localeCompare(b.at))
}

const stateRoutes = ({ store, engine, version, capacity }: OwnRoutesOptions): Route[] => [
  {
    method: 'GET',
    path: `${PREFIX}status`,
    handle: async () => {
      const counts: Record<string, number> = {}
      for (const task of await store.read((reader) => reader.list(tasks))) {
        counts[task.status.lastStatus] = (counts[task.status.lastStatus] ?? 0) + 1
      }
      return json({ status: 'ok', version, ...engine.capabilities, tasks: counts, capacity: capacity() })
    },
  },
  {
    method: 'GET',
    path: `${PREFIX}timeline`,
    handle: async ({ query }, caller) => {
      const task = await store.read((reader) => reader.get(tasks, query.get('task') ?? ''))
      if (task === undefined || task.scope.account !== caller?.account) {
        throw new AwsError('InvalidParameterException', 'The referenced task was not found.')
      }
      return json({ events: timelineOf(task) })
    },
  },
]

const resetRoute = (reset: (() => Promise<void>) | undefined): Route => ({
  method: 'POST',
  path: `${PREFIX}reset`,
  handle: async () => {
    if (reset === undefined) {
      throw new AwsError(
        'NotEphemeral',
        'this instance keeps its state; start one with --ephemeral to be able to reset it',
      )
    }
    await reset()
    return json({ reset: true })
  },
})

export interface OwnRoutesOptions
  extends
    SpotRouteOptions,
    WhyRouteOptions,
    EventRouteOptions,
    ExplainPathOptions,
    LoadBalancersRouteOptions,
    MetricsRouteOptions,
    RequestsRouteOptions {
  readonly engine: Engine
  readonly version: string
  /** Who holds how much of the host. */
  readonly capacity: () => PoolUse
  /** Absent when the instance is not ephemeral. */
  readonly reset?: () => Promise<void>
}

export const ownRoutes = (options: OwnRoutesOptions): Route[] => [
  ...imageRoutes(options.engine),
  ...stateRoutes(options),
  spotRoute(options),
  whyRoute(options),
  explainPathRoute(options),
  loadBalancersRoute(options),
  eventRoute(options),
  metricsRoute(options),
  requestsRoute(options),
  resetRoute(options.reset),
]
