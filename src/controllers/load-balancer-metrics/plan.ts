// CloudWatch's metrics of a load balancer, from two readings of its counters. Pure.
// AWS: "CloudWatch metrics for your Application Load Balancer", and for Network Load Balancers.

import { type LoadBalancerRecord, loadBalancerPath } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import type { BalancerCounters, GroupCounters } from '#dataplane/balancer/balancer.ts'
import type { MetricSample, Statistics } from '#telemetry/metrics/metric-store.ts'

export interface Measured {
  readonly balancer: LoadBalancerRecord
  readonly groups: readonly { readonly group: TargetGroupRecord; readonly targets: readonly TargetRecord[] }[]
  /** Undefined at the first reading. */
  readonly before: BalancerCounters | undefined
  readonly now: BalancerCounters
  /** Seconds since 1970, whole. */
  readonly at: number
  /** Whether also what is nothing is told. */
  readonly isQuietToo: boolean
}

const NO_GROUP: GroupCounters = {
  requests: 0,
  responses: { '2': 0, '3': 0, '4': 0, '5': 0 },
  connectionErrors: 0,
  meanResponseTime: 0,
}
const NOTHING: Omit<BalancerCounters, 'epoch'> = {
  groups: {},
  activeConnections: 0,
  newConnections: 0,
  receivedBytes: 0,
  sentBytes: 0,
  requests: 0,
  ownResponses: { '3': 0, '4': 0, '5': 0 },
}

/** What counting began from: HAProxy that was loaded anew begins with nothing, and so does one that we saw start. */
const baseOf = ({ before, now }: Measured): Omit<BalancerCounters, 'epoch'> =>
  before === undefined ? (now.epoch === 0 ? now : NOTHING) : before.epoch === now.epoch ? before : NOTHING

/** Each request is a value of 1, as AWS has it: "Minimum, Maximum, and Average all return 1". */
const counted = (count: number): Statistics => ({ samples: count, sum: count, minimum: 1, maximum: 1 })
const value = (of: number): Statistics => ({ samples: 1, sum: of, minimum: of, maximum: of })

/**
 * A reading that is never less than the one before: what the load balancer answers itself is told from what targets answer
 * by a difference of counters that are not read at the same instant.
 */
export const steady = (before: BalancerCounters | undefined, now: BalancerCounters): BalancerCounters => {
  if (before === undefined || before.epoch !== now.epoch) return now
  const most = (digit: '3' | '4' | '5'): number => Math.max(before.ownResponses[digit], now.ownResponses[digit])
  return { ...now, ownResponses: { '3': most('3'), '4': most('4'), '5': most('5') } }
}

type Told = (name: string, unit: string, statistics: Statistics) => void

/** What was counted is told when it is something; `always` also when it is nothing, now and then. */
const teller = (measured: Measured, into: MetricSample[], ...all: readonly Readonly<Record<string, string>>[]) => {
  const { balancer, at, isQuietToo } = measured
  const namespace = balancer.type === 'application' ? 'AWS/ApplicationELB' : 'AWS/NetworkELB'
  const { account, region } = balancer.scope
  const tell: Told = (name, unit, statistics) => {
    for (const dimensions of all) into.push({ account, region, namespace, name, unit, dimensions, at, ...statistics })
  }
  return {
    tell,
    count: (name: string, count: number, isAlways = false): void => {
      if (count > 0) tell(name, 'Count', counted(count))
      else if (isAlways && isQuietToo) tell(name, 'Count', value(0))
    },
    gauge: (name: string, unit: string, of: number): void => {
      if (of > 0) tell(name, unit, value(of))
    },
  }
}

const pathOfGroup = ({ name, id }: TargetGroupRecord): string => `targetgroup/${name}/${id}`

const healthSamples = (measured: Measured, into: MetricSample[]): void => {
  for (const { group, targets } of measured.groups) {
    const dimensions = { LoadBalancer: loadBalancerPath(measured.balancer), TargetGroup: pathOfGroup(group) }
    const { tell } = teller(measured, into, dimensions)
    const inState = (state: string): number => targets.filter(({ status }) => status.state === state).length
    tell('HealthyHostCount', 'Count', value(inState('healthy')))
    tell('UnHealthyHostCount', 'Count', value(inState('unhealthy')))
  }
}

const webGroupSamples = (
  measured: Measured,
  { group, targets }: Measured['groups'][number],
  into: MetricSample[],
): void => {
  const LoadBalancer = loadBalancerPath(measured.balancer)
  const TargetGroup = pathOfGroup(group)
  const before = baseOf(measured).groups[group.id] ?? NO_GROUP
  const now = measured.now.groups[group.id] ?? NO_GROUP
  const both = teller(measured, into, { LoadBalancer }, { LoadBalancer, TargetGroup })
  const ofGroup = teller(measured, into, { LoadBalancer, TargetGroup })
  const perTarget = teller(measured, into, { TargetGroup }, { LoadBalancer, TargetGroup })
  const requests = now.requests - before.requests
  ofGroup.count('RequestCount', requests, true)
  const healthy = targets.filter(({ status }) => status.state === 'healthy').length
  if (requests > 0) perTarget.tell('RequestCountPerTarget', 'Count', value(requests / Math.max(1, healthy)))
  else if (measured.isQuietToo) perTarget.tell('RequestCountPerTarget', 'Count', value(0))
  for (const digit of ['2', '3', '4', '5'] as const) {
    both.count(`HTTPCode_Target_${digit}XX_Count`, now.responses[digit] - before.responses[digit])
  }
  both.count('TargetConnectionErrorCount', now.connectionErrors - before.connectionErrors)
  if (requests > 0) {
    const seconds = now.meanResponseTime / 1000
    const statistics = { samples: requests, sum: seconds * requests, minimum: seconds, maximum: seconds }
    both.tell('TargetResponseTime', 'Seconds', statistics)
  }
}

const webSamples = (measured: Measured, into: MetricSample[]): void => {
  const { now, balancer } = measured
  const before = baseOf(measured)
  const { count, gauge } = teller(measured, into, { LoadBalancer: loadBalancerPath(balancer) })
  count('RequestCount', now.requests - before.requests, true)
  count('NewConnectionCount', now.newConnections - before.newConnections)
  gauge('ActiveConnectionCount', 'Count', now.activeConnections)
  gauge('ProcessedBytes', 'Bytes', now.receivedBytes + now.sentBytes - before.receivedBytes - before.sentBytes)
  for (const digit of ['3', '4', '5'] as const) {
    count(`HTTPCode_ELB_${digit}XX_Count`, now.ownResponses[digit] - before.ownResponses[digit])
  }
  for (const group of measured.groups) webGroupSamples(measured, group, into)
}

const streamSamples = (measured: Measured, into: MetricSample[]): void => {
  const { now, balancer } = measured
  const before = baseOf(measured)
  const { count, gauge } = teller(measured, into, { LoadBalancer: loadBalancerPath(balancer) })
  count('NewFlowCount', now.newConnections - before.newConnections, true)
  gauge('ActiveFlowCount', 'Count', now.activeConnections)
  gauge('ProcessedBytes', 'Bytes', now.receivedBytes + now.sentBytes - before.receivedBytes - before.sentBytes)
}

/** `isHealthNews`: the number of healthy or unhealthy targets may be another than was told last. */
export const samplesOf = (measured: Measured, isHealthNews: boolean): MetricSample[] => {
  const samples: MetricSample[] = []
  if (measured.balancer.type === 'application') webSamples(measured, samples)
  else streamSamples(measured, samples)
  if (measured.isQuietToo || isHealthNews) healthSamples(measured, samples)
  return samples
}
