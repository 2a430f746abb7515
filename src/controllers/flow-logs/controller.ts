// Brings what routers count into the log streams of flow logs, once, whoever of us dies in between: counts stay in the
// kernel until they are written, and the log store takes what it has taken before no second time.

import type { FlowLogRecord, VpcRecord } from '#apis/ec2/model/records.ts'
import { departedInterfaces, ec2Key, flowLogs, networkInterfaces, ofVpc, vpcs } from '#apis/ec2/tables.ts'
import { newLogGroup } from '#apis/logs/model/log-group.ts'
import { newLogStream, streamId } from '#apis/logs/model/log-stream.ts'
import { logGroupNamed, logGroups, logStreamNamed, logStreams } from '#apis/logs/tables.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { FlowCounts, FlowSpan } from '#network/flow-counter.ts'
import type { Network } from '#network/network.ts'
import type { Store } from '#store/store.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import { DEPARTED_KEPT_SECONDS, LINES_PER_BATCH, SPAN_SECONDS, SPANS_KEPT } from './limits.ts'
import { type Batch, type Delivery, deliveries, dueBatches, finishedSpans, seenInterfaces } from './plan.ts'

export interface FlowLogOptions {
  readonly store: Store
  readonly logs: LogStore
  readonly network: Pick<Network, 'endFlowSpan' | 'flowCounts' | 'forgetFlowSpan'>
  readonly clock: Clock
  readonly log: Log
}

/** AWS's words for what went wrong with a delivery and is not the caller's doing. */
const UNKNOWN_ERROR = 'Unknown error'

export class FlowLogController {
  readonly #options: FlowLogOptions

  constructor(options: FlowLogOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      await clock.sleep(SPAN_SECONDS - ((clock.now().getTime() / 1000) % SPAN_SECONDS), signal)
      if (!signal.aborted) await this.collect()
    }
  }

  /** Writes all that is due by now. What fails is tried again with the next minute. */
  async collect(): Promise<void> {
    const { store, clock, log } = this.#options
    const rows = await store.read((reader) => reader.list(flowLogs))
    const byVpc = Map.groupBy(rows, ({ scope, vpcId }) => (vpcId === undefined ? '' : ec2Key(scope, vpcId)))
    for (const [key, own] of byVpc) {
      try {
        const vpc = key === '' ? undefined : await store.read((reader) => reader.get(vpcs, key))
        if (vpc !== undefined) await this.#collectVpc(vpc, own)
      } catch (error) {
        if (isFault(error)) log.warn('flow-logs.failed', { vpc: key, kind: error.kind, reason: error.message })
        else log.bug('flow-logs.failed', error, { vpc: key })
      }
    }
    const before = clock.now().getTime() - DEPARTED_KEPT_SECONDS * 1000
    const old = (await store.read((reader) => reader.list(departedInterfaces))).filter(
      ({ departedAtMs }) => departedAtMs < before,
    )
    if (old.length === 0) return
    await store.write(async (tx) => {
      for (const row of old) await tx.delete(departedInterfaces, departedInterfaces.key(row))
    })
  }

  async #collectVpc(vpc: VpcRecord, logs: readonly FlowLogRecord[]): Promise<void> {
    const { network, clock, store } = this.#options
    const now = clock.now()
    const nowSeconds = Math.floor(now.getTime() / 1000)
    const spans = await network.endFlowSpan(vpc.id, now)
    if (spans.length === 0) return
    // Read after the span has ended: whoever sent a packet in it is recorded by now.
    const interfaces = await store.read(async (reader) =>
      seenInterfaces(
        await ofVpc(reader, networkInterfaces, vpc.scope, vpc.id),
        await ofVpc(reader, departedInterfaces, vpc.scope, vpc.id),
      ),
    )
    const read = this.#reading(vpc.id)
    const failed: FlowLogRecord[] = []
    for (const log of logs) {
      try {
        for (const batch of dueBatches(log, spans, nowSeconds)) {
          const counts = await Promise.all(batch.spans.map(read))
          await this.#deliver(log, batch, deliveries(log, batch, counts, vpc, interfaces))
        }
      } catch (error) {
        if (!isFault(error)) throw error
        this.#options.log.warn('flow-log.not-delivered', { flowLog: log.id, reason: error.message })
        await this.#told(log, { deliverStatus: 'FAILED', deliverError: UNKNOWN_ERROR })
        failed.push(log)
      }
    }
    const finished = failed.length > 0 ? [] : finishedSpans(logs, spans, nowSeconds)
    const lost = spans.filter((span) => !finished.includes(span)).slice(0, -SPANS_KEPT)
    for (const span of [...finished, ...lost]) await network.forgetFlowSpan(vpc.id, span)
  }

  /** Several logs of a VPC share one look into the kernel. */
  #reading(vpcId: string): (span: FlowSpan) => Promise<FlowCounts> {
    const known = new Map<number, Promise<FlowCounts>>()
    return (span) => {
      const counts = known.get(span.startSeconds) ?? this.#options.network.flowCounts(vpcId, span)
      known.set(span.startSeconds, counts)
      return counts
    }
  }

  async #deliver(log: FlowLogRecord, { endSeconds }: Batch, all: readonly Delivery[]): Promise<void> {
    const { logs, clock } = this.#options
    const { scope, logGroupName: group } = log
    if (group === undefined) return
    await this.#open(
      log,
      group,
      all.map(({ stream }) => stream),
    )
    const ingestionTime = clock.now().getTime()
    for (const { stream, lines } of all) {
      for (let at = 0; at < lines.length; at += LINES_PER_BATCH) {
        // Said twice after a crash, the second time is dropped.
        const source = { name: log.id, position: endSeconds * 1000 + at / LINES_PER_BATCH }
        const id = streamId({ scope, group, name: stream })
        await logs.append(id, lines.slice(at, at + LINES_PER_BATCH), { ingestionTime, source })
      }
    }
    if (log.deliverStatus !== 'SUCCESS') await this.#told(log, { deliverStatus: 'SUCCESS' })
  }

  /** The log group and the streams, made where they are missing. */
  async #open(log: FlowLogRecord, group: string, streams: readonly string[]): Promise<void> {
    const { store, clock } = this.#options
    const { scope } = log
    const missing = await store.read(async (reader) => {
      const known = await Promise.all(streams.map((name) => logStreamNamed(reader, scope, group, name)))
      return streams.filter((_, at) => known[at] === undefined)
    })
    if (missing.length === 0) return
    const now = clock.now().getTime()
    await store.write(async (tx) => {
      if ((await logGroupNamed(tx, scope, group)) === undefined) {
        await tx.put(logGroups, newLogGroup(scope, { name: group, creationTime: now }))
      }
      for (const name of missing) {
        if ((await logStreamNamed(tx, scope, group, name)) === undefined) {
          await tx.put(logStreams, newLogStream(scope, group, name, now))
        }
      }
    })
  }

  async #told(log: FlowLogRecord, told: Pick<FlowLogRecord, 'deliverStatus' | 'deliverError'>): Promise<void> {
    await this.#options.store.write(async (tx) => {
      const row = await tx.get(flowLogs, flowLogs.key(log))
      if (row === undefined || (row.deliverStatus === told.deliverStatus && row.deliverError === told.deliverError))
        return
      const { deliverError: _, ...rest } = row
      await tx.put(flowLogs, { ...rest, ...told })
    })
  }
}
