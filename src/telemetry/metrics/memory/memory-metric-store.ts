// A metric store that forgets when the process ends: for tests, simulations and ephemeral instances.

import type { MetricIdentity, MetricStore, Statistics } from '../metric-store.ts'
import { inPeriods, isMeant, joined, seriesKey } from '../series.ts'

interface Series {
  readonly metric: MetricIdentity
  /** By second. */
  readonly seconds: Map<number, Statistics>
}

export const memoryMetricStore = (): MetricStore => {
  const all = new Map<string, Series>()
  return {
    append: async (told) => {
      for (const { at, samples, sum, minimum, maximum, ...metric } of told) {
        const key = seriesKey(metric)
        const series = all.get(key) ?? { metric, seconds: new Map() }
        all.set(key, series)
        series.seconds.set(at, joined(series.seconds.get(at), { samples, sum, minimum, maximum }))
      }
    },
    list: async (filter) =>
      [...all]
        .filter(([, { metric }]) => isMeant(metric, filter))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { metric }]) => metric),
    read: async (metric, { from, to, periodSeconds, limit }) => {
      const seconds = [...(all.get(seriesKey(metric))?.seconds ?? [])]
        .filter(([at]) => at >= from && at < to)
        .map(([at, statistics]) => ({ at, ...statistics }))
      return inPeriods(seconds, periodSeconds).slice(0, limit)
    },
    expire: async (before, most) => {
      const newestFirst = [...all.values()].flatMap(({ seconds }) => [...seconds.keys()]).toSorted((a, b) => b - a)
      // A second goes as a whole, whatever was measured in it.
      const border = Math.max(before, newestFirst.length > most ? (newestFirst[most] ?? 0) + 1 : 0)
      for (const [key, { seconds }] of all) {
        for (const at of seconds.keys()) if (at < border) seconds.delete(at)
        if (seconds.size === 0) all.delete(key)
      }
    },
    close: async () => {},
  }
}
