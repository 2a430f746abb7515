// The task metadata endpoint, versions 3 and 4: answers a task from its own document, and from no other.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html

import type { Clock } from '#base/clock.ts'
import { agentAnswer, type AskAgent } from './agent-api.ts'
import type { ContainerStats } from '#engine/engine.ts'
import type { InterfaceCounters } from '#network/network.ts'
import { Buckets } from './bucket.ts'
import { dockerStats, type Reading } from './docker-stats.ts'
import type { ClockDriftBody, ContainerBody, ContainerDocument, TaskMetadataDocument } from './document.ts'
import { READINGS } from './limits.ts'

export interface MetadataRequest {
  readonly method: string
  /** With the query string. */
  readonly path: string
  readonly body: string
  readonly caller: { readonly vpcId: string; readonly ip: string }
}

export interface MetadataResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface MetadataOptions {
  readonly clock: Clock
  /** By runtimeId; undefined when nothing runs under it. */
  readonly readStats: (runtimeId: string) => Promise<ContainerStats | undefined>
  /** By the interface's id; where it is absent, statistics have no "networks". */
  readonly readNetwork?: (interfaceId: string) => Promise<InterfaceCounters | undefined>
  /** MiB used by the task of that id; where it is absent, tasks have no "EphemeralStorageMetrics". */
  readonly readStorage?: (taskId: string) => Promise<number | undefined>
  /** Asks the control plane for a task; nobody answers when absent. */
  readonly askAgent?: AskAgent
  /** How far the host's clock may be off, in milliseconds. */
  readonly readClockError: () => { readonly most: number; readonly isSynchronized: boolean }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const text = (status: number, body: string): MetadataResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})
const json = (status: number, value: unknown): MetadataResponse => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify(value),
})

const PAGE_NOT_FOUND = text(404, '404 page not found\n')
/** The words of the agent's limiter. */
const TOO_MANY = text(429, 'You have reached maximum request limit.')

type Version = 'v3' | 'v4'

/** What is asked for, and how the agent names the handler in its errors. */
const KINDS = {
  '': 'container metadata',
  '/task': 'task metadata',
  '/taskWithTags': 'task metadata',
  '/stats': 'container stats',
  '/task/stats': 'task stats',
} as const
type Kind = keyof typeof KINDS

const PATH = /^\/(v[34])\/([^/]+)(\/.*)?$/

export type AnswerMetadata = (request: MetadataRequest, document: unknown) => Promise<MetadataResponse>

/** `document` is the caller's own TaskMetadataDocument, or undefined when it has none. */
export const metadataAnswers = (options: MetadataOptions): AnswerMetadata => {
  const buckets = new Buckets(options.clock)
  const statistics = new Statistics(options)
  return async ({ method, path, body: sent, caller }, given) => {
    if (!buckets.admits(`${caller.vpcId} ${caller.ip}`)) return TOO_MANY
    const ownDocument = given as TaskMetadataDocument | undefined
    const agents = await agentAnswer({ method, path, body: sent }, ownDocument, options.askAgent)
    if (agents !== undefined) return json(agents.status, agents.body)
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'Method Not Allowed\n')
    const [, version, id = '', rest = ''] = PATH.exec(path.split('?')[0] ?? '') ?? []
    const kind = rest.replace(/\/$/, '')
    if (version === undefined || !Object.hasOwn(KINDS, kind)) return PAGE_NOT_FOUND
    const document = given as TaskMetadataDocument | undefined
    const container = document?.containers.find((one) => one.id === id)
    // Another task's id is answered like one that never was.
    if (document === undefined || container === undefined) {
      const handler = `${version.toUpperCase()} ${KINDS[kind as Kind]} handler`
      return json(
        404,
        `${handler}: unable to get container ID from request: unable to get docker ID from endpoint ID: ${id}`,
      )
    }
    return json(200, await body(version as Version, kind as Kind, document, container, statistics, options))
  }
}

const body = async (
  version: Version,
  kind: Kind,
  document: TaskMetadataDocument,
  container: ContainerDocument,
  statistics: Statistics,
  options: MetadataOptions,
): Promise<unknown> => {
  switch (kind) {
    case '':
      return containerBody(version, container.body)
    case '/stats':
      return statistics.of(document, container)
    case '/task/stats':
      return Object.fromEntries(
        await Promise.all(document.containers.map(async (one) => [one.id, await statistics.of(document, one)])),
      )
    case '/task':
    case '/taskWithTags':
      return taskBody(version, document, kind === '/taskWithTags', options)
  }
}

const taskBody = async (
  version: Version,
  document: TaskMetadataDocument,
  withTags: boolean,
  { clock, readStorage, readClockError }: MetadataOptions,
): Promise<object> => {
  const utilized = await readStorage?.(document.taskId)
  const hasTags = withTags && Object.keys(document.taskTags).length > 0
  return {
    ...document.task,
    ClockDrift: clockDrift(clock.now(), readClockError()),
    Containers: document.containers.map((one) => containerBody(version, one.body)),
    ...(hasTags ? { TaskTags: document.taskTags } : {}),
    ...(utilized === undefined
      ? {}
      : { EphemeralStorageMetrics: { Utilized: utilized, Reserved: document.storageReservedMiB } }),
  }
}

const clockDrift = (
  now: Date,
  { most, isSynchronized }: { most: number; isSynchronized: boolean },
): ClockDriftBody => ({
  ClockErrorBound: most,
  ReferenceTimestamp: now.toISOString(),
  ClockSynchronizationStatus: isSynchronized ? 'SYNCHRONIZED' : 'NOT_SYNCHRONIZED',
})

/** Version 3 knows neither the log driver nor the details of networks. */
const containerBody = (version: Version, container: ContainerBody): object => {
  if (version === 'v4') return container
  const { LogDriver: _, LogOptions: __, Snapshotter: ___, RestartCount: ____, ...rest } = container
  const Networks = rest.Networks.map(({ NetworkMode, IPv4Addresses }) => ({ NetworkMode, IPv4Addresses }))
  return { ...rest, Networks }
}

/** Remembers the last reading of each container: rates are told between two questions. */
class Statistics {
  readonly #options: MetadataOptions
  /** In the order in which they were read. */
  readonly #readings = new Map<string, Reading & { readonly at: number }>()

  constructor(options: MetadataOptions) {
    this.#options = options
  }

  /** Null where nothing runs, as the agent answers. */
  async of(document: TaskMetadataDocument, { id, name, running }: ContainerDocument): Promise<object | null> {
    const { clock, readStats, readNetwork } = this.#options
    const use = running ? await readStats(id) : undefined
    if (use === undefined) return null
    const network = await readNetwork?.(document.networkInterfaceId)
    const now = { use, network, at: clock.now().getTime() }
    const before = this.#readings.get(id)
    this.#readings.delete(id)
    this.#readings.set(id, now)
    const [oldest] = this.#readings.keys()
    if (this.#readings.size > READINGS && oldest !== undefined) this.#readings.delete(oldest)
    return dockerStats(id, name, now, before, before === undefined ? 0 : (now.at - before.at) / 1000)
  }
}
