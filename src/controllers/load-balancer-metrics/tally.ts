// Adds up what was measured in a second, by metric and by whose it is, and tells it as CloudWatch's samples. Pure.

import { type LoadBalancerRecord, loadBalancerPath } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { MetricSample, Statistics } from '#telemetry/metrics/metric-store.ts'
import { type Level, type MetricName, METRICS } from './catalogue.ts'

/** What is not known is left out, and with it the dimensions that need it. */
export interface Place {
  readonly zone?: string | undefined
  readonly group?: TargetGroupRecord | undefined
}

/** Values and how often each was seen; of counts and gauges there is one number. */
type Amount = number | ReadonlyMap<number, number>

interface Cell extends Place {
  readonly name: MetricName
  amount: Amount
}

export type Tally = Map<string, Cell>

const joined = (one: Amount, other: Amount): Amount => {
  if (typeof one === 'number' || typeof other === 'number') return Number(one) + Number(other)
  const all = new Map(one)
  for (const [value, count] of other) all.set(value, (all.get(value) ?? 0) + count)
  return all
}

/** Also nothing is told, where 0 was added. */
export const add = (tally: Tally, name: MetricName, amount: Amount, place: Place = {}): void => {
  const key = `${name} ${place.zone ?? ''} ${place.group?.id ?? ''}`
  const cell = tally.get(key)
  if (cell === undefined) tally.set(key, { name, amount, ...place })
  else cell.amount = joined(cell.amount, amount)
}

/** What is nothing is left out. */
export const addSome = (tally: Tally, name: MetricName, amount: number, place?: Place): void => {
  if (amount > 0) add(tally, name, amount, place)
}

export const totalOf = (tally: Tally, name: MetricName, groupId?: string): number =>
  [...tally.values()]
    .filter((cell) => cell.name === name && (groupId === undefined || cell.group?.id === groupId))
    .reduce((total, { amount }) => total + (typeof amount === 'number' ? amount : 0), 0)

const value = (of: number): Statistics => ({ samples: 1, sum: of, minimum: of, maximum: of })

/** Each request is a value of 1, as AWS has it: "Minimum, Maximum, and Average all return 1". */
const counted = (count: number): Statistics =>
  count === 0 ? value(0) : { samples: count, sum: count, minimum: 1, maximum: 1 }

const statisticsOf = (name: MetricName, amount: Amount): Statistics & Pick<MetricSample, 'values'> => {
  if (typeof amount === 'number') return METRICS[name].kind === 'count' ? counted(Math.round(amount)) : value(amount)
  const all = [...amount]
  return {
    samples: all.reduce((total, [, count]) => total + count, 0),
    sum: all.reduce((total, [of, count]) => total + of * count, 0),
    minimum: all.reduce((least, [of]) => Math.min(least, of), Number.POSITIVE_INFINITY),
    maximum: all.reduce((most, [of]) => Math.max(most, of), Number.NEGATIVE_INFINITY),
    values: all,
  }
}

const pathOfGroup = ({ name, id }: TargetGroupRecord): string => `targetgroup/${name}/${id}`

/** Undefined where what it takes is not known. */
const dimensionsAt = (
  level: Level,
  LoadBalancer: string,
  { zone, group }: Place,
): Readonly<Record<string, string>> | undefined => {
  const AvailabilityZone = zone ?? ''
  const TargetGroup = group === undefined ? '' : pathOfGroup(group)
  switch (level) {
    case 'balancer':
      return { LoadBalancer }
    case 'zone':
      return zone === undefined ? undefined : { AvailabilityZone, LoadBalancer }
    case 'group':
      return group === undefined ? undefined : { LoadBalancer, TargetGroup }
    case 'group-zone':
      return group === undefined || zone === undefined ? undefined : { AvailabilityZone, LoadBalancer, TargetGroup }
    case 'group-alone':
      return group === undefined ? undefined : { TargetGroup }
  }
}

/** `at`: seconds since 1970, whole. */
export const samplesOf = (tally: Tally, balancer: LoadBalancerRecord, at: number): MetricSample[] => {
  const namespace = balancer.type === 'application' ? 'AWS/ApplicationELB' : 'AWS/NetworkELB'
  const { account, region } = balancer.scope
  const path = loadBalancerPath(balancer)
  const told = new Map<string, { name: MetricName; dimensions: Readonly<Record<string, string>>; amount: Amount }>()
  for (const { name, amount, ...place } of tally.values()) {
    for (const level of METRICS[name].levels) {
      const dimensions = dimensionsAt(level, path, place)
      if (dimensions === undefined) continue
      const key = `${name} ${JSON.stringify(dimensions)}`
      const before = told.get(key)
      if (before === undefined) told.set(key, { name, dimensions, amount })
      else before.amount = joined(before.amount, amount)
    }
  }
  return [...told.values()].map(({ name, dimensions, amount }) => ({
    account,
    region,
    namespace,
    name,
    unit: METRICS[name].unit,
    dimensions,
    at,
    ...statisticsOf(name, amount),
  }))
}
