// A load balancer's metrics of one second, from two readings of its counters, the requests it has answered, and the
// health of its targets. Pure.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import type { BalancerCounters, DoorCounters, GroupCounters, LoggedRequest } from '#dataplane/balancer/balancer.ts'
import type { MetricSample } from '#telemetry/metrics/metric-store.ts'
import { addRequests, type RequestFacts, withoutTarget } from './requests.ts'
import { add, addSome, samplesOf, type Tally, totalOf } from './tally.ts'

export interface GroupFacts {
  readonly group: TargetGroupRecord
  readonly targets: readonly TargetRecord[]
}

export interface Measured {
  readonly balancer: LoadBalancerRecord
  readonly listeners: RequestFacts['listeners']
  readonly groups: readonly GroupFacts[]
  /** What counting began from: undefined for nothing. */
  readonly before: BalancerCounters | undefined
  readonly now: BalancerCounters
  /** Those that have ended since `before`. */
  readonly requests: readonly LoggedRequest[]
  /** False when there were more than could be read. */
  readonly isAll: boolean
  /** Seconds since 1970, whole. */
  readonly at: number
  /** Whether also what is nothing is told. */
  readonly isQuietToo: boolean
  /** The number of healthy or unhealthy targets may be another than was told last. */
  readonly isHealthNews: boolean
}

/**
 * What a reading is compared with. Undefined, for nothing: another process counts than before, or one that began while we
 * were looking. One that was found at work is compared with itself: what it has counted before is not of this second.
 */
export const baseOf = (
  before: BalancerCounters | undefined,
  now: BalancerCounters,
  lookingSince: number,
): BalancerCounters | undefined => {
  if (before === undefined) return now.since >= lookingSince ? undefined : now
  return before.epoch === now.epoch ? before : undefined
}

type Numbers<T> = { readonly [K in keyof T as T[K] extends number ? K : never]: number }

/** How much each number of `now` is more than that of `before`. */
const grown = <T extends object>(now: T, before: T | undefined): Numbers<T> =>
  Object.fromEntries(
    Object.entries(now).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'number' ? [[name, value - Number(before?.[name as keyof T] ?? 0)]] : [],
    ),
  ) as Numbers<T>

/** Of each door: its zone. */
const zonesOf = ({ spec, status }: LoadBalancerRecord): string[] =>
  status.addresses
    .filter(({ subnetId }) => spec.subnets.some((subnet) => subnet.subnetId === subnetId))
    .map(({ availabilityZone }) => availabilityZone)

interface GrownDoor extends Numbers<DoorCounters> {
  readonly counters: DoorCounters
  readonly zone: string | undefined
}

const grownDoors = ({ balancer, before, now }: Measured): GrownDoor[] => {
  const zones = zonesOf(balancer)
  return now.doors.map((counters) => {
    const { listenerId, door } = counters
    const was = before?.doors.find((one) => one.listenerId === listenerId && one.door === door)
    return { ...grown(counters, was), counters, zone: zones[door] }
  })
}

const grownGroup = ({ before, now }: Measured, { id }: TargetGroupRecord): Numbers<GroupCounters> | undefined => {
  const counters = now.groups[id]
  return counters === undefined ? undefined : grown(counters, before?.groups[id])
}

const addHealth = (tally: Tally, { groups }: Measured): void => {
  for (const { group, targets } of groups) {
    for (const [name, state] of [
      ['HealthyHostCount', 'healthy'],
      ['UnHealthyHostCount', 'unhealthy'],
    ] as const) {
      add(tally, name, 0, { group })
      for (const { status, availabilityZone } of targets) {
        const zone = availabilityZone === 'all' ? undefined : availabilityZone
        add(tally, name, status.state === state ? 1 : 0, { zone, group })
      }
    }
  }
}

/** AWS: requests divided by the targets that may get them. */
const addPerTarget = (tally: Tally, { groups }: Measured): void => {
  for (const { group, targets } of groups) {
    const requests = totalOf(tally, 'RequestCount', group.id)
    const healthy = targets.filter(({ status }) => status.state === 'healthy').length
    addSome(tally, 'RequestCountPerTarget', requests / Math.max(1, healthy), { group })
  }
}

const addWeb = (tally: Tally, measured: Measured): void => {
  const { balancer, listeners, groups, requests, isAll, now } = measured
  const doors = grownDoors(measured)
  const answers = doors.reduce((total, door) => total + door.answers, 0)
  const weight = isAll || requests.length === 0 ? 1 : Math.max(1, answers / requests.length)
  const byId = new Map(groups.map(({ group }) => [group.id, group]))
  addRequests(tally, requests, { zones: zonesOf(balancer), listeners, groups: byId }, weight)
  for (const { zone, newConnections, receivedBytes, sentBytes, failedHandshakes, counters } of doors) {
    addSome(tally, 'NewConnectionCount', newConnections)
    addSome(tally, 'ActiveConnectionCount', counters.activeConnections)
    addSome(tally, 'ProcessedBytes', receivedBytes + sentBytes, { zone })
    addSome(tally, 'ClientTLSNegotiationErrorCount', failedHandshakes, { zone })
  }
  for (const { group } of groups) {
    const counted = grownGroup(measured, group)
    if (counted === undefined) continue
    addSome(tally, 'NewConnectionCount', counted.newConnections)
    addSome(tally, 'ActiveConnectionCount', now.groups[group.id]?.activeConnections ?? 0)
    // HAProxy counts among them requests for which there was no target to connect to.
    const errors = counted.connectionErrors - withoutTarget(requests, group.id) * weight
    addSome(tally, 'TargetConnectionErrorCount', errors, { group })
    addSome(tally, 'TargetTLSNegotiationErrorCount', counted.failedHandshakes, { group })
    addSome(tally, 'UnhealthyRoutingRequestCount', counted.failedOpen, { group })
  }
  addPerTarget(tally, measured)
}

const addStreams = (tally: Tally, measured: Measured): void => {
  for (const { zone, counters, newConnections, receivedBytes, sentBytes, failedHandshakes } of grownDoors(measured)) {
    const isSecure = measured.listeners.get(counters.listenerId)?.listener.spec.protocol === 'TLS'
    const bytes = receivedBytes + sentBytes
    addSome(tally, 'NewFlowCount', newConnections, { zone })
    addSome(tally, isSecure ? 'NewFlowCount_TLS' : 'NewFlowCount_TCP', newConnections, { zone })
    addSome(tally, 'ActiveFlowCount', counters.activeConnections, { zone })
    addSome(tally, isSecure ? 'ActiveFlowCount_TLS' : 'ActiveFlowCount_TCP', counters.activeConnections, { zone })
    addSome(tally, 'ProcessedBytes', bytes, { zone })
    addSome(tally, isSecure ? 'ProcessedBytes_TLS' : 'ProcessedBytes_TCP', bytes, { zone })
    addSome(tally, 'ClientTLSNegotiationErrorCount', failedHandshakes, { zone })
  }
  for (const { group } of measured.groups) {
    const counted = grownGroup(measured, group)
    addSome(tally, 'TCP_Client_Reset_Count', counted?.clientAborts ?? 0)
    addSome(tally, 'TCP_Target_Reset_Count', counted?.targetAborts ?? 0)
    addSome(tally, 'TargetTLSNegotiationErrorCount', counted?.failedHandshakes ?? 0, { group })
    addSome(tally, 'UnhealthyRoutingFlowCount', counted?.failedOpen ?? 0, { group })
  }
}

/** What is told now and then although it is nothing: that it is known. */
const addQuiet = (tally: Tally, { balancer, groups }: Measured): void => {
  if (balancer.type === 'network') add(tally, 'NewFlowCount', 0)
  else {
    add(tally, 'RequestCount', 0)
    for (const { group } of groups) {
      add(tally, 'RequestCount', 0, { group })
      add(tally, 'RequestCountPerTarget', 0, { group })
    }
  }
}

export const measuredSamples = (measured: Measured): MetricSample[] => {
  const { balancer, at, isQuietToo, isHealthNews } = measured
  const tally: Tally = new Map()
  if (balancer.type === 'application') addWeb(tally, measured)
  else addStreams(tally, measured)
  if (isQuietToo) addQuiet(tally, measured)
  if (isQuietToo || isHealthNews) addHealth(tally, measured)
  return samplesOf(tally, balancer, at)
}
