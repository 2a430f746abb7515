// Load balancer capacity units: what AWS asks money for, of four measures the one that is used most. Pure.
// AWS: "Elastic Load Balancing pricing", LCU details and examples.

import { decisionOf } from '#apis/elbv2/model/decision.ts'
import { grownDatagrams, grownDoors, type Measured, weightOf } from './measured.ts'
import { add, type Tally } from './tally.ts'

/** Whose units: an application load balancer's, or a network load balancer's by the protocol of its listeners. */
type Kind = 'application' | 'TCP' | 'TLS' | 'UDP'

export interface Usage {
  readonly newConnections: number
  /** Connections that were open, times the seconds they were. */
  readonly connectionSeconds: number
  readonly bytes: number
  /** Rules that were asked beyond the free ones. */
  readonly evaluations: number
}

export type Usages = Readonly<Partial<Record<Kind, Usage>>>

interface Unit {
  readonly newConnectionsPerSecond: number
  readonly activeConnections: number
  readonly bytesPerHour: number
  readonly evaluationsPerSecond: number
}

const GB = 1_000_000_000
const HOUR_SECONDS = 3600
/** Of each request. */
const FREE_EVALUATIONS = 10

const UNITS: Readonly<Record<Kind, Unit>> = {
  application: {
    newConnectionsPerSecond: 25,
    activeConnections: 3000,
    bytesPerHour: GB,
    evaluationsPerSecond: 1000,
  },
  TCP: {
    newConnectionsPerSecond: 800,
    activeConnections: 100_000,
    bytesPerHour: GB,
    evaluationsPerSecond: Number.POSITIVE_INFINITY,
  },
  TLS: {
    newConnectionsPerSecond: 50,
    activeConnections: 3000,
    bytesPerHour: GB,
    evaluationsPerSecond: Number.POSITIVE_INFINITY,
  },
  UDP: {
    newConnectionsPerSecond: 400,
    activeConnections: 50_000,
    bytesPerHour: GB,
    evaluationsPerSecond: Number.POSITIVE_INFINITY,
  },
}

const NOTHING: Usage = { newConnections: 0, connectionSeconds: 0, bytes: 0, evaluations: 0 }

const sumOf = (one: Usage = NOTHING, other: Usage = NOTHING): Usage => ({
  newConnections: one.newConnections + other.newConnections,
  connectionSeconds: one.connectionSeconds + other.connectionSeconds,
  bytes: one.bytes + other.bytes,
  evaluations: one.evaluations + other.evaluations,
})

const KINDS = Object.keys(UNITS) as Kind[]

export const sumOfUsages = (one: Usages, other: Usages): Usages =>
  Object.fromEntries(KINDS.map((kind) => [kind, sumOf(one[kind], other[kind])]))

/** Of one second. */
export const usagesOf = (measured: Measured): Usages => {
  const { balancer, listeners, requests } = measured
  const all: Partial<Record<Kind, Usage>> = {}
  for (const door of grownDoors(measured)) {
    const isSecure = listeners.get(door.counters.listenerId)?.listener.spec.protocol === 'TLS'
    const kind = balancer.type === 'application' ? 'application' : isSecure ? 'TLS' : 'TCP'
    all[kind] = sumOf(all[kind], {
      newConnections: door.newConnections,
      connectionSeconds: door.counters.activeConnections,
      bytes: door.receivedBytes + door.sentBytes,
      evaluations: 0,
    })
  }
  for (const { newFlows, activeFlows, receivedBytes, sentBytes } of grownDatagrams(measured)) {
    const bytes = receivedBytes + sentBytes
    all.UDP = sumOf(all.UDP, { newConnections: newFlows, connectionSeconds: activeFlows, bytes, evaluations: 0 })
  }
  const asked = requests.reduce((total, { listenerId, rule }) => {
    const { evaluations = 0 } = decisionOf(listeners.get(listenerId), rule) ?? {}
    return total + Math.max(0, evaluations - FREE_EVALUATIONS)
  }, 0)
  if (asked === 0) return all
  return sumOfUsages(all, { application: { ...NOTHING, evaluations: asked * weightOf(measured) } })
}

const unitsOf = (kind: Kind, usage: Usage, seconds: number): number => {
  const unit = UNITS[kind]
  return Math.max(
    usage.newConnections / seconds / unit.newConnectionsPerSecond,
    usage.connectionSeconds / seconds / unit.activeConnections,
    (usage.bytes / seconds) * (HOUR_SECONDS / unit.bytesPerHour),
    usage.evaluations / seconds / unit.evaluationsPerSecond,
  )
}

/** What was used in so many seconds; of a network load balancer, its protocols are paid for one by one. */
export const addUnits = (tally: Tally, usages: Usages, seconds: number): void => {
  add(tally, 'ConsumedLCUs', 0)
  for (const kind of KINDS) {
    const usage = usages[kind]
    if (usage === undefined) continue
    const units = unitsOf(kind, usage, seconds)
    add(tally, 'ConsumedLCUs', units)
    if (kind !== 'application' && units > 0) add(tally, `ConsumedLCUs_${kind}`, units)
  }
}
