// A load balancer's metrics of one second, from two readings of its counters, the requests it has answered, and the
// health of its targets. Pure.

import type { MetricSample } from '#telemetry/metrics/metric-store.ts'
import { addUnits, sumOfUsages, type Usages, usagesOf } from './capacity-units.ts'
import { QUIET_SECONDS } from './limits.ts'
import { grownDatagrams, grownDoors, grownGroup, type Measured, weightOf, zonesOf } from './measured.ts'
import { addRequests, withoutTarget } from './requests.ts'
import { add, addSome, samplesOf, type Tally, totalOf } from './tally.ts'

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
  const { groups, requests, now } = measured
  const doors = grownDoors(measured)
  const weight = weightOf(measured)
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
}

/** Requests of which nobody knew as they ended are of their own second, all others of this one. */
const requestTallies = (measured: Measured): ReadonlyMap<number, Tally> => {
  const { balancer, listeners, groups, requests, isLate, at } = measured
  const facts = { zones: zonesOf(balancer), listeners, groups: new Map(groups.map(({ group }) => [group.id, group])) }
  const seconds = Map.groupBy(requests, ({ endedAt }) => (isLate ? Math.min(at, Math.floor(endedAt / 1000)) : at))
  const tallies = new Map<number, Tally>([[at, new Map()]])
  for (const [second, some] of seconds) {
    const tally = tallies.get(second) ?? new Map()
    tallies.set(second, tally)
    addRequests(tally, some, facts, weightOf(measured))
    addPerTarget(tally, measured)
  }
  return tallies
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
  for (const { zone, newFlows, activeFlows, receivedBytes, sentBytes } of grownDatagrams(measured)) {
    for (const [name, value] of [
      ['NewFlowCount', newFlows],
      ['ActiveFlowCount', activeFlows],
      ['ProcessedBytes', receivedBytes + sentBytes],
    ] as const) {
      addSome(tally, name, value, { zone })
      addSome(tally, `${name}_UDP`, value, { zone })
    }
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

export interface Told {
  readonly samples: readonly MetricSample[]
  /** What was used since units were told last. */
  readonly used: Usages
}

/** `used`: what was used before, since units were told last. */
export const measuredSamples = (measured: Measured, used: Usages = {}): Told => {
  const { balancer, at, isLate, isQuietToo, isHealthNews } = measured
  const tallies = requestTallies(measured)
  const tally = tallies.get(at) ?? new Map()
  if (balancer.type === 'application') addWeb(tally, measured)
  else addStreams(tally, measured)
  // How long it took to use what was used meanwhile, nobody knows.
  const usedNow = isLate ? used : sumOfUsages(used, usagesOf(measured))
  if (isQuietToo) {
    addQuiet(tally, measured)
    addUnits(tally, usedNow, QUIET_SECONDS)
  }
  if (isQuietToo || isHealthNews) addHealth(tally, measured)
  const samples = [...tallies].flatMap(([second, told]) => samplesOf(told, balancer, second))
  return { samples, used: isQuietToo ? {} : usedNow }
}
