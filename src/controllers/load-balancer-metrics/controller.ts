// Reads the counters of every load balancer once a second, and keeps what came of it as CloudWatch's metrics.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import {
  listenersOf,
  loadBalancers,
  loadBalancersOfGroup,
  rulesOf,
  targetGroupsOfBalancer,
  targets,
  targetsOf,
} from '#apis/elbv2/tables.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Balancer, RequestLog } from '#dataplane/balancer/balancer.ts'
import type { Change, Reader, Store } from '#store/store.ts'
import type { MetricSample, MetricStore } from '#telemetry/metrics/metric-store.ts'
import { EXPIRY_ROUND_SECONDS, KEPT_SAMPLES, KEPT_SECONDS, QUIET_SECONDS, ROUND_SECONDS } from './limits.ts'
import type { Usages } from './capacity-units.ts'
import { type Mark, markName, marksIn } from './mark.ts'
import { baseOf, type Measured } from './measured.ts'
import { measuredSamples } from './plan.ts'
import { RequestReader } from './reader.ts'

interface Options {
  readonly store: Store
  readonly metrics: MetricStore
  readonly balancer: Pick<Balancer, 'counters'>
  readonly requests: Pick<RequestLog, 'followRequests'>
  /** What the balancer calls it. */
  readonly nameOf: (record: LoadBalancerRecord) => string
  readonly clock: Clock
  readonly log: Log
}

const serves = ({ status: { state }, spec }: LoadBalancerRecord): boolean =>
  (state === 'active' || state === 'active_impaired') && !spec.deleteRequested

export class LoadBalancerMetricsController {
  readonly #options: Options
  /** What is remembered of each, by ARN. */
  #marks = new Map<string, Mark>()
  /** Those whose mark another control plane has left: since then, nobody has looked. */
  #unseen = new Set<string>()
  /** Of application load balancers, by ARN. */
  readonly #readers = new Map<string, RequestReader>()
  /** What each has used since its capacity units were told last. */
  readonly #used = new Map<string, Usages>()
  /** Seconds since 1970. */
  readonly #since: number
  /** Groups of which a target's health has changed. */
  #news = new Set<string>()
  #toldQuietAt = 0
  #expiredAt = 0

  constructor(options: Options) {
    this.#options = options
    this.#since = Math.floor(options.clock.now().getTime() / 1000)
  }

  /** Works until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, metrics, clock, log } = this.#options
    let changed = new AbortController()
    const unwatchTargets = store.watch([targets], (changes) => this.#noticed(changes))
    const unwatchBalancers = store.watch([loadBalancers], () => changed.abort())
    try {
      this.#marks = marksIn(await metrics.marks())
      this.#unseen = new Set(this.#marks.keys())
      while (!signal.aborted) {
        changed = new AbortController()
        try {
          const isIdle = (await this.#round()) === 0
          await this.#expire()
          // Without any there is nothing to do, but to forget.
          if (isIdle) await clock.sleep(EXPIRY_ROUND_SECONDS, AbortSignal.any([signal, changed.signal]))
        } catch (error) {
          if (isFault(error)) log.warn('metrics-fault', { kind: error.kind, reason: error.message })
          else log.bug('metrics-bug', error)
        }
        // On the second, so that a round's samples are of the second that has just ended.
        await clock.sleep(ROUND_SECONDS - (clock.now().getTime() % 1000) / 1000, signal)
      }
    } finally {
      unwatchTargets()
      unwatchBalancers()
      this.#read([])
    }
  }

  /** Called inside of the store's notification: only marks. */
  #noticed(changes: readonly Change[]): void {
    for (const { before, after } of changes) {
      const [was, is] = [before, after] as (TargetRecord | undefined)[]
      const group = (is ?? was)?.targetGroupArn
      if (group !== undefined && was?.status.state !== is?.status.state) this.#news.add(group)
    }
  }

  /** Resolves to how many load balancers there are. */
  async #round(): Promise<number> {
    const { store, metrics, clock } = this.#options
    const recorded = await store.read((reader) => reader.list(loadBalancers))
    const all = recorded.filter(serves)
    this.#read(all)
    const now = Math.floor(clock.now().getTime() / 1000)
    const isQuietToo = now - this.#toldQuietAt >= QUIET_SECONDS
    if (isQuietToo) this.#toldQuietAt = now
    const changed = await this.#changed()
    const news = new Map<string, Mark | undefined>()
    const told = await Promise.all(
      all.map(async (balancer) => this.#measured(balancer, now, isQuietToo, changed.has(balancer.arn), news)),
    )
    const arns = new Set<string>(recorded.map(({ arn }) => arn))
    for (const arn of this.#marks.keys()) if (!arns.has(arn)) news.set(arn, undefined)
    if (news.size > 0) await metrics.append(told.flat(), this.#remembered(news))
    return all.length
  }

  /** As the store of metrics is told it. */
  #remembered(news: ReadonlyMap<string, Mark | undefined>): Record<string, string | undefined> {
    for (const [arn, mark] of news) {
      if (mark === undefined) this.#marks.delete(arn)
      else this.#marks.set(arn, mark)
      if (mark === undefined) this.#used.delete(arn)
    }
    return Object.fromEntries(
      [...news].map(([arn, mark]) => [markName(arn), mark === undefined ? undefined : JSON.stringify(mark)]),
    )
  }

  /** The load balancers of which a target's health has changed. */
  async #changed(): Promise<ReadonlySet<string>> {
    const news = this.#news
    if (news.size === 0) return news
    this.#news = new Set()
    const users = await this.#options.store.read((reader) =>
      Promise.all([...news].map((group) => loadBalancersOfGroup(reader, group as TargetRecord['targetGroupArn']))),
    )
    return new Set(users.flat())
  }

  /** Follows the requests of those, and of no others. */
  #read(all: readonly LoadBalancerRecord[]): void {
    const { requests, clock, nameOf } = this.#options
    const wanted = new Map(
      all.flatMap((one) => (one.type === 'application' ? [[one.arn as string, one] as const] : [])),
    )
    for (const [arn, reader] of this.#readers) {
      if (wanted.has(arn)) continue
      this.#readers.delete(arn)
      reader.end()
    }
    for (const [arn, one] of wanted) {
      if (!this.#readers.has(arn)) {
        const mark = this.#marks.get(arn)
        // Where none was counted yet, all are news.
        const last = mark === undefined ? undefined : (mark.request ?? '')
        this.#readers.set(arn, new RequestReader({ requests, name: nameOf(one), last, clock }))
      }
    }
  }

  async #measured(
    balancer: LoadBalancerRecord,
    second: number,
    isQuietToo: boolean,
    isHealthNews: boolean,
    news: Map<string, Mark | undefined>,
  ): Promise<MetricSample[]> {
    const { store, nameOf, log } = this.#options
    try {
      const now = await this.#options.balancer.counters(nameOf(balancer))
      if (now === undefined) return []
      const reader = this.#readers.get(balancer.arn)
      if (reader?.hasCaughtUp() === false) return []
      const last = this.#marks.get(balancer.arn)?.counters
      const taken = reader?.take() ?? { requests: [], isAll: true }
      const isLate = this.#unseen.delete(balancer.arn)
      const isStill = last !== undefined && JSON.stringify(last) === JSON.stringify(now)
      const isUnused = now.doors.every(({ activeConnections }) => activeConnections === 0)
      if (isStill && isUnused && taken.requests.length === 0 && !isQuietToo && !isHealthNews) return []
      const facts = await store.read((reader) => factsOf(reader, balancer))
      const before = baseOf(last, now, this.#since)
      // What a round finds has happened in the second before it.
      const at = second - 1
      const measured = { balancer, ...facts, before, now, ...taken, isLate, at, isQuietToo, isHealthNews }
      const { samples, used } = measuredSamples(measured, this.#used.get(balancer.arn))
      this.#used.set(balancer.arn, used)
      news.set(balancer.arn, { counters: now, request: reader?.last })
      return [...samples]
    } catch (error) {
      if (!isFault(error)) throw error
      log.warn('metrics-fault', { balancer: balancer.arn, kind: error.kind, reason: error.message })
      return []
    }
  }

  async #expire(): Promise<void> {
    const { metrics, clock } = this.#options
    const now = clock.now().getTime() / 1000
    if (now - this.#expiredAt < EXPIRY_ROUND_SECONDS) return
    this.#expiredAt = now
    await metrics.expire(Math.floor(now - KEPT_SECONDS), KEPT_SAMPLES)
  }
}

const factsOf = async (
  reader: Reader,
  balancer: LoadBalancerRecord,
): Promise<Pick<Measured, 'listeners' | 'groups'>> => {
  const listeners = await Promise.all(
    (await listenersOf(reader, balancer.arn)).map(
      async (listener) => [listener.id, { listener, rules: await rulesOf(reader, listener.arn) }] as const,
    ),
  )
  const groups = await Promise.all(
    (await targetGroupsOfBalancer(reader, balancer)).map(async (group) => ({
      group,
      targets: await targetsOf(reader, group.arn),
    })),
  )
  return { listeners: new Map(listeners), groups }
}
