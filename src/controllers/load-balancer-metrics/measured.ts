// What a round knows of one load balancer, and by how much its counters have grown since the last one. Pure.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import type {
  BalancerCounters,
  DatagramCounters,
  DoorCounters,
  GroupCounters,
  LoggedRequest,
} from '#dataplane/balancer/balancer.ts'
import type { RequestFacts } from './requests.ts'

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
  /** What was not seen as it happened: nobody looked since `before`. */
  readonly isLate: boolean
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
export const zonesOf = ({ spec, status }: LoadBalancerRecord): string[] =>
  status.addresses
    .filter(({ subnetId }) => spec.subnets.some((subnet) => subnet.subnetId === subnetId))
    .map(({ availabilityZone }) => availabilityZone)

export interface GrownDoor extends Numbers<DoorCounters> {
  readonly counters: DoorCounters
  readonly zone: string | undefined
}

export const grownDoors = ({ balancer, before, now }: Measured): GrownDoor[] => {
  const zones = zonesOf(balancer)
  return now.doors.map((counters) => {
    const { listenerId, door } = counters
    const was = before?.doors.find((one) => one.listenerId === listenerId && one.door === door)
    return { ...grown(counters, was), counters, zone: zones[door] }
  })
}

export interface GrownDatagrams extends Numbers<DatagramCounters> {
  readonly zone: string | undefined
}

export const grownDatagrams = ({ balancer, before, now }: Measured): GrownDatagrams[] => {
  const zones = zonesOf(balancer)
  return (now.datagrams ?? []).map((counters) => {
    const { door, activeFlows } = counters
    const was = before?.datagrams?.find((one) => one.door === door)
    return { ...grown(counters, was), activeFlows, zone: zones[door] }
  })
}

export const grownGroup = (
  { before, now }: Measured,
  { id }: TargetGroupRecord,
): Numbers<GroupCounters> | undefined => {
  const counters = now.groups[id]
  return counters === undefined ? undefined : grown(counters, before?.groups[id])
}

/** How many requests each of those that were read stands for. */
export const weightOf = (measured: Measured): number => {
  const { requests, isAll } = measured
  if (isAll || requests.length === 0) return 1
  const answers = grownDoors(measured).reduce((total, door) => total + door.answers, 0)
  return Math.max(1, answers / requests.length)
}
