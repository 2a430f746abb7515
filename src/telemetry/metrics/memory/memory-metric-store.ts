// A metric store that forgets when the process ends: for tests, simulations and ephemeral instances.

import type { MetricIdentity, MetricStore } from '../metric-store.ts'
import { inPeriods, isMeant, joined, type Second, secondOf, seriesKey } from '../series.ts'

interface Series {
  readonly metric: MetricIdentity
  /** By second. */
  readonly seconds: Map<number, Second>
}

export const memoryMetricStore = (): MetricStore => {
  const all = new Map<string, Series>()
  const marks = new Map<string, string>()
  return {
    append: async (told, news = {}) => {
      for (const sample of told) {
        const { at, samples: _samples, sum: _sum, minimum: _least, maximum: _most, values: _values, ...metric } = sample
        const key = seriesKey(metric)
        const series = all.get(key) ?? { metric, seconds: new Map() }
        all.set(key, series)
        series.seconds.set(at, joined(series.seconds.get(at), secondOf(sample)))
      }
      for (const [name, mark] of Object.entries(news)) {
        if (mark === undefined) marks.delete(name)
        else marks.set(name, mark)
      }
    },
    marks: async () => Object.fromEntries(marks),
    list: async (filter) =>
      [...all]
        .filter(([, { metric }]) => isMeant(metric, filter))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { metric }]) => metric),
    read: async (metric, query) => {
      const { from, to } = query
      const seconds = [...(all.get(seriesKey(metric))?.seconds ?? [])]
        .filter(([at]) => at >= from && at < to)
        .map(([at, second]) => ({ at, ...second }))
      return inPeriods(seconds, query)
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
