// Keeps the access and connection logs of the load balancers that are to have some, as files in the layout of their buckets.

import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { RequestLog } from '#dataplane/balancer/balancer.ts'
import type { Store } from '#store/store.ts'
import { accessLogEntry } from './entry.ts'
import { entryFacts } from './facts.ts'
import { FLUSH_SECONDS, IDLE_SECONDS, KEPT_BYTES } from './limits.ts'
import { type Destination, destinationsOf } from './plan.ts'
import { newWriter, type Writer } from './sources.ts'
import { tlsLogEntry } from './tls-entry.ts'
import type { WriterOptions } from './writer.ts'

interface Options extends WriterOptions {
  readonly store: Store
  readonly requests: RequestLog
  /** What the balancer calls it. */
  readonly nameOf: (record: LoadBalancerRecord) => string
  readonly log: Log
}

/** One request, or connection, as people see it. */
export interface ShownRequest {
  readonly id: string
  readonly entry: string
}

export class AccessLogController {
  readonly #options: Options
  /** By the load balancer's ARN, and the kind of log. */
  readonly #writers = new Map<string, Writer>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Works until `signal` aborts, and then writes what it knows. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#options
    let changed = new AbortController()
    const unwatch = store.watch([loadBalancers], () => changed.abort())
    while (!signal.aborted) {
      changed = new AbortController()
      await this.#round()
      if (this.#writers.size > 0) await clock.sleep(FLUSH_SECONDS, signal)
      else await clock.sleep(IDLE_SECONDS, AbortSignal.any([signal, changed.signal]))
    }
    unwatch()
    await this.#round()
    for (const writer of this.#writers.values()) writer.close()
  }

  /** The newest requests to a load balancer, the oldest first; undefined when it does not serve. */
  async recent(balancer: LoadBalancerRecord): Promise<ShownRequest[] | undefined> {
    const { store, requests, nameOf } = this.#options
    const name = nameOf(balancer)
    const facts = await store.read((reader) => entryFacts(reader, balancer))
    if (balancer.type === 'network') {
      const connections = await requests.recentConnections(name)
      return connections?.map((one) => ({ id: one.id, entry: tlsLogEntry(one, facts) }))
    }
    const found = await requests.recentRequests(name)
    return found?.map((request) => ({ id: request.id, entry: accessLogEntry(request, facts) }))
  }

  async #round(): Promise<void> {
    const all = await this.#options.store.read((reader) => reader.list(loadBalancers))
    const logging = new Map<string, { balancer: LoadBalancerRecord; to: Destination }>(
      all.flatMap((balancer) =>
        destinationsOf(balancer).map((to) => [`${balancer.arn} ${to.kind}`, { balancer, to }] as const),
      ),
    )
    let hasPublished = false
    for (const [key, { balancer, to }] of logging) {
      await this.#tried(key, async () => {
        hasPublished = (await this.#flushed(key, balancer, to)) || hasPublished
      })
    }
    for (const [key, writer] of this.#writers) {
      if (logging.has(key)) continue
      this.#writers.delete(key)
      await this.#tried(key, () => writer.end())
    }
    if (hasPublished) await this.#tried('expiry', () => this.#expire())
  }

  async #flushed(key: string, balancer: LoadBalancerRecord, to: Destination): Promise<boolean> {
    const { store, nameOf } = this.#options
    const facts = { balancer, kind: to.kind, name: nameOf(balancer) }
    const writer = this.#writers.get(key) ?? newWriter(this.#options, facts)
    this.#writers.set(key, writer)
    return writer.flush(await store.read((reader) => entryFacts(reader, balancer)), to)
  }

  /** One log that cannot be written keeps no other from it. */
  async #tried(what: string, work: () => Promise<void>): Promise<void> {
    const { log } = this.#options
    try {
      await work()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (isFault(error) || code !== undefined) log.warn('access-log-fault', { of: what, reason: String(error) })
      else log.bug('access-log-bug', error, { of: what })
    }
  }

  /** The oldest published files go, as soon as all together are too large. */
  async #expire(): Promise<void> {
    const { folder } = this.#options
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.log.gz'))
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name)
        const { size, mtimeMs } = await stat(path)
        return { path, size, mtimeMs }
      }),
    )
    let kept = 0
    for (const { path, size } of files.toSorted((a, b) => b.mtimeMs - a.mtimeMs)) {
      kept += size
      if (kept > KEPT_BYTES) await rm(path, { force: true })
    }
  }
}
