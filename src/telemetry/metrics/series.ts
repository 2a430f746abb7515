// How a metric is told from others, and how samples add up. Pure.

import type { MetricFilter, MetricIdentity, MetricPoint, Statistics } from './metric-store.ts'

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

export const joined = (one: Statistics | undefined, other: Statistics): Statistics => ({
  samples: (one?.samples ?? 0) + other.samples,
  sum: (one?.sum ?? 0) + other.sum,
  minimum: Math.min(one?.minimum ?? other.minimum, other.minimum),
  maximum: Math.max(one?.maximum ?? other.maximum, other.maximum),
})

/** In the order of their periods. */
export const inPeriods = (seconds: readonly MetricPoint[], periodSeconds: number): MetricPoint[] => {
  const periods = new Map<number, Statistics>()
  for (const { at, ...statistics } of seconds) {
    const start = at - (at % periodSeconds)
    periods.set(start, joined(periods.get(start), statistics))
  }
  return [...periods].map(([at, statistics]) => ({ at, ...statistics })).toSorted((a, b) => a.at - b.at)
}
