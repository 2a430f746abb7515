// Decides what flow logs have to say: which counts are due, whose they are, and which may be forgotten. Pure.

import { addressText, type Cidr, cidrContains, knownCidr, parseAddress } from '#apis/ec2/model/cidr.ts'
import { type FlowLogEntry, lineWriter, type LoggedFlow } from '#apis/ec2/model/flow-log-format.ts'
import type {
  DepartedInterfaceRecord,
  FlowLogRecord,
  NetworkInterfaceRecord,
  VpcRecord,
} from '#apis/ec2/model/records.ts'
import { recordedTime } from '#aws/time.ts'
import type { CountedFlow, FlowCounts, FlowSpan } from '#network/flow-counter.ts'

/** An interface that packets can have crossed. */
export interface SeenInterface {
  readonly id: string
  readonly subnetId: string
  readonly availabilityZone: string
  readonly ownerArn?: string
  readonly addresses: readonly string[]
  readonly isPublic: boolean
  readonly fromSeconds: number
  /** Infinity for one that is there. */
  readonly toSeconds: number
}

/** The spans that are written together, and until when. */
export interface Batch {
  readonly endSeconds: number
  readonly spans: readonly FlowSpan[]
}

const canonical = (text: string): string => {
  const address = parseAddress(text)
  return address === undefined ? text : addressText(address.family, address.value)
}

const seconds = (iso: string): number => recordedTime(iso).getTime() / 1000

/** Those that are there and those that went; interfaces that nothing is attached to carry no packets. */
export const seenInterfaces = (
  there: readonly NetworkInterfaceRecord[],
  departed: readonly DepartedInterfaceRecord[],
): SeenInterface[] => [
  ...there.flatMap(({ id, spec, status }): SeenInterface[] => {
    if (spec.isAddressOnly === true || status.attachedAt === undefined) return []
    return [
      {
        id,
        subnetId: spec.subnetId,
        availabilityZone: spec.availabilityZone,
        ...(spec.ownerArn === undefined ? {} : { ownerArn: spec.ownerArn }),
        addresses: [spec.privateIp, ...(spec.secondaryPrivateIps ?? []), ...(spec.ipv6Addresses ?? [])].map(canonical),
        isPublic: spec.publicIp !== undefined,
        fromSeconds: Math.floor(seconds(status.attachedAt)),
        toSeconds: Number.POSITIVE_INFINITY,
      },
    ]
  }),
  ...departed.map((one): SeenInterface => ({
    id: one.id,
    subnetId: one.subnetId,
    availabilityZone: one.availabilityZone,
    ...(one.ownerArn === undefined ? {} : { ownerArn: one.ownerArn }),
    addresses: one.addresses.map(canonical),
    isPublic: one.publicIp !== undefined,
    fromSeconds: Math.floor(seconds(one.attachedAt)),
    toSeconds: Math.ceil(one.departedAtMs / 1000),
  })),
]

/** When the interval of a log is over that a span belongs to. */
const dueAt = ({ maxAggregationIntervalSeconds: interval }: FlowLogRecord, { endSeconds }: FlowSpan): number =>
  (Math.floor((endSeconds - 1) / interval) + 1) * interval

/** A log tells of nothing before it was made. */
const concerns = (log: FlowLogRecord, { endSeconds }: FlowSpan): boolean =>
  endSeconds > Math.floor(seconds(log.createdAt))

/** What a log is to write now, the oldest first. */
export const dueBatches = (log: FlowLogRecord, spans: readonly FlowSpan[], nowSeconds: number): Batch[] => {
  const due = spans.filter((span) => concerns(log, span) && dueAt(log, span) <= nowSeconds)
  return [...Map.groupBy(due, (span) => dueAt(log, span))]
    .map(([endSeconds, together]) => ({ endSeconds, spans: together }))
    .toSorted((a, b) => a.endSeconds - b.endSeconds)
}

/** Spans that no log waits for, once all that is due is written. */
export const finishedSpans = (
  logs: readonly FlowLogRecord[],
  spans: readonly FlowSpan[],
  nowSeconds: number,
): FlowSpan[] => spans.filter((span) => logs.every((log) => !concerns(log, span) || dueAt(log, span) <= nowSeconds))

const covers = (log: FlowLogRecord, one: SeenInterface): boolean =>
  [log.vpcId, one.subnetId, one.id].includes(log.resourceId)

export const streamName = (log: FlowLogRecord, interfaceId: string): string =>
  `${interfaceId}-${log.trafficType.toLowerCase()}`

/** All that one log has to say of one interface. */
export interface Delivery {
  readonly stream: string
  readonly lines: readonly { readonly timestamp: number; readonly message: string }[]
}

interface Sides {
  readonly action: LoggedFlow['action']
  readonly sender: boolean
  readonly receiver: boolean
}
/** What is refused on arrival was accepted where it left. */
const SIDES: Readonly<Record<CountedFlow['verdict'], readonly Sides[]>> = {
  accepted: [{ action: 'ACCEPT', sender: true, receiver: true }],
  'refused-by-sender': [{ action: 'REJECT', sender: true, receiver: false }],
  'refused-by-receiver': [
    { action: 'ACCEPT', sender: true, receiver: false },
    { action: 'REJECT', sender: false, receiver: true },
  ],
}

/** Who has an address during a batch; whoever is there still has it before whoever went. */
const owners = (interfaces: readonly SeenInterface[], batch: Batch): ReadonlyMap<string, SeenInterface> => {
  const [first, last] = [batch.spans[0]?.startSeconds ?? 0, batch.spans.at(-1)?.endSeconds ?? 0]
  const present = interfaces.filter(({ fromSeconds, toSeconds }) => fromSeconds < last && toSeconds > first)
  const byAge = present.toSorted((a, b) => a.toSeconds - b.toSeconds)
  return new Map(byAge.flatMap((one) => one.addresses.map((address) => [address, one] as const)))
}

const flowKey = (flow: LoggedFlow): string =>
  [
    flow.direction,
    flow.action,
    flow.source,
    flow.sourcePort,
    flow.destination,
    flow.destinationPort,
    flow.protocol,
  ].join(' ')

const merged = (flows: readonly LoggedFlow[]): LoggedFlow[] => {
  const found = new Map<string, LoggedFlow>()
  for (const flow of flows) {
    const before = found.get(flowKey(flow))
    const sum =
      before === undefined
        ? flow
        : {
            ...flow,
            packets: before.packets + flow.packets,
            bytes: before.bytes + flow.bytes,
            tcpFlags: before.tcpFlags | flow.tcpFlags,
          }
    found.set(flowKey(flow), sum)
  }
  return [...found.values()]
}

/** By interface: what it saw of the flows of a batch. */
const flowsByInterface = (
  counts: readonly FlowCounts[],
  byAddress: ReadonlyMap<string, SeenInterface>,
  blocks: readonly Cidr[],
): Map<string, LoggedFlow[]> => {
  const found = new Map<string, LoggedFlow[]>()
  const add = (id: string, flow: LoggedFlow): void => {
    const own = found.get(id)
    if (own === undefined) found.set(id, [flow])
    else own.push(flow)
  }
  const isInside = (address: string): boolean => {
    const { family, value } = parseAddress(address) ?? { family: 4 as const, value: 0n }
    const one = { family, base: value, prefix: family === 4 ? 32 : 128 }
    return blocks.some((block) => cidrContains(block, one))
  }
  for (const counted of counts.flatMap(({ flows }) => flows)) {
    const { verdict, ...rest } = counted
    const flow = { ...rest, source: canonical(rest.source), destination: canonical(rest.destination) }
    for (const { action, sender, receiver } of SIDES[verdict]) {
      const [from, to] = [byAddress.get(flow.source), byAddress.get(flow.destination)]
      if (sender && from !== undefined) {
        const trafficPath = isInside(flow.destination) || !from.isPublic ? 1 : 8
        add(from.id, { ...flow, action, direction: 'egress', trafficPath })
      }
      if (receiver && to !== undefined) add(to.id, { ...flow, action, direction: 'ingress' })
    }
  }
  return found
}

/** What one log writes for one batch. `counts`: of the batch's spans, in their order. */
export const deliveries = (
  log: FlowLogRecord,
  batch: Batch,
  counts: readonly FlowCounts[],
  vpc: VpcRecord,
  interfaces: readonly SeenInterface[],
): Delivery[] => {
  const byAddress = owners(interfaces, batch)
  const blocks = [...vpc.cidrs, ...(vpc.ipv6Cidrs ?? []).map(({ cidr }) => cidr)].map(knownCidr)
  const flows = flowsByInterface(counts, byAddress, blocks)
  const missed = new Set(
    counts.flatMap(({ incomplete }) => incomplete).map((address) => byAddress.get(canonical(address))),
  )
  const write = lineWriter(log.logFormat)
  return [...new Set(byAddress.values())]
    .filter((one) => covers(log, one))
    .map((one) => {
      const startSeconds = Math.max(batch.spans[0]?.startSeconds ?? 0, one.fromSeconds)
      const entry = {
        scope: log.scope,
        interfaceId: one.id,
        vpcId: vpc.id,
        subnetId: one.subnetId,
        availabilityZone: one.availabilityZone,
        ...(one.ownerArn === undefined ? {} : { ownerArn: one.ownerArn }),
        startSeconds,
        endSeconds: Math.max(startSeconds, Math.min(batch.spans.at(-1)?.endSeconds ?? 0, one.toSeconds)),
      }
      const own = merged(flows.get(one.id) ?? []).filter(
        ({ action }) => log.trafficType === 'ALL' || log.trafficType === action,
      )
      const entries: FlowLogEntry[] = own.map((flow) => ({ ...entry, status: 'OK', flow }))
      if (missed.has(one)) entries.push({ ...entry, status: 'SKIPDATA' })
      if (entries.length === 0) entries.push({ ...entry, status: 'NODATA' })
      const timestamp = startSeconds * 1000
      return {
        stream: streamName(log, one.id),
        lines: entries.map((each) => ({ timestamp, message: write(each) })),
      }
    })
    .toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
}
