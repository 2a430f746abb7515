// How a metric is told from others, and how samples add up. Pure.

import { addedUp, type Distribution, distributionOf, percentileOf } from './distribution.ts'
import type {
  MetricFilter,
  MetricIdentity,
  MetricPoint,
  MetricQuery,
  MetricSample,
  Statistics,
} from './metric-store.ts'

/** The same text for the same dimensions, in whatever order they were given. */
export const dimensionText = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1)))

export const dimensionsOf = (text: string): Record<string, string> =>
  Object.fromEntries(JSON.parse(text) as [string, string][])

export const seriesKey = ({ account, region, namespace, name, dimensions, unit }: MetricIdentity): string =>
  JSON.stringify([account, region, namespace, name, dimensionText(dimensions), unit])

export const isMeant = (metric: MetricIdentity, filter: MetricFilter): boolean =>
  metric.account === filter.account &&
  metric.region === filter.region &&
  (filter.namespace === undefined || metric.namespace === filter.namespace) &&
  (filter.name === undefined || metric.name === filter.name) &&
  (filter.dimensions === undefined || dimensionText(metric.dimensions) === dimensionText(filter.dimensions))

/** What is kept of one second: how its values are spread is not said where they are all the same. */
export interface Second extends Statistics {
  readonly distribution?: Distribution
}

const spread = (of: Second): Distribution | undefined =>
  of.distribution ?? (of.minimum === of.maximum ? distributionOf([[of.minimum, of.samples]]) : undefined)

export const secondOf = ({ samples, sum, minimum, maximum, values }: MetricSample): Second => {
  const distribution = values === undefined || minimum === maximum ? undefined : distributionOf(values)
  return { samples, sum, minimum, maximum, ...(distribution === undefined ? {} : { distribution }) }
}

export const joined = (one: Second | undefined, other: Second): Second => {
  if (one === undefined) return other
  const [minimum, maximum] = [Math.min(one.minimum, other.minimum), Math.max(one.maximum, other.maximum)]
  const [before, more] = minimum === maximum ? [] : [spread(one), spread(other)]
  return {
    samples: one.samples + other.samples,
    sum: one.sum + other.sum,
    minimum,
    maximum,
    ...(before === undefined || more === undefined ? {} : { distribution: addedUp(before, more) }),
  }
}

const percentilesOf = (of: Second, asked: readonly number[]): MetricPoint['percentiles'] => {
  const distribution = spread(of)
  if (distribution === undefined) return undefined
  const at = (percent: number): number => {
    if (percent <= 0) return of.minimum
    if (percent >= 100) return of.maximum
    return Math.min(of.maximum, Math.max(of.minimum, percentileOf(distribution, percent)))
  }
  return Object.fromEntries(asked.map((percent) => [percent, at(percent)]))
}

/** In the order of their periods. */
export const inPeriods = (
  seconds: readonly (Second & { readonly at: number })[],
  { periodSeconds, percentiles = [], limit }: Pick<MetricQuery, 'periodSeconds' | 'percentiles' | 'limit'>,
): MetricPoint[] => {
  const periods = new Map<number, Second>()
  for (const { at, ...second } of seconds) {
    const start = at - (at % periodSeconds)
    periods.set(start, joined(periods.get(start), second))
  }
  return [...periods]
    .toSorted(([a], [b]) => a - b)
    .slice(0, limit)
    .map(([at, second]) => {
      const { distribution: _distribution, ...statistics } = second
      const known = percentiles.length === 0 ? undefined : percentilesOf(second, percentiles)
      return { at, ...statistics, ...(known === undefined ? {} : { percentiles: known }) }
    })
}
