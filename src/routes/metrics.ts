// GET /_neargate/metrics: what was measured, by CloudWatch's names, with its statistics.

import type { Route } from '#apiserver/route.ts'
import { AwsError } from '#aws/refusal.ts'
import { timeText } from '#aws/time.ts'
import type { Clock } from '#base/clock.ts'
import type { MetricFilter, MetricIdentity, MetricPoint, MetricStore } from '#telemetry/metrics/metric-store.ts'
import { json, PREFIX } from './answers.ts'
import { scopeOf, wholeNumber } from './named.ts'

const PERIOD_SECONDS = 60
const LONGEST_PERIOD_SECONDS = 24 * 3600
const SINCE_SECONDS = 300
const A_WEEK_SECONDS = 7 * 24 * 3600
/** Metrics of one answer; and points of one metric, an hour of seconds. */
const METRICS_MOST = 500
const POINTS_MOST = 3600
const PERCENTILES_MOST = 10

export interface MetricsRouteOptions {
  readonly metrics: MetricStore
  readonly clock: Clock
}

export interface MetricView extends Pick<MetricIdentity, 'namespace' | 'name' | 'dimensions' | 'unit'> {
  /** ISO 8601, when the period began. */
  readonly points: readonly ({ readonly time: string } & Omit<MetricPoint, 'at'>)[]
}

/** "LoadBalancer=app/web/0123": only metrics that have it among their dimensions. */
const dimensionOf = (text: string | null): readonly [name: string, value: string] | undefined => {
  if (text === null) return undefined
  const at = text.indexOf('=')
  if (at < 1) throw new AwsError('InvalidParameter', `dimension must be NAME=VALUE, and is "${text}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** "50,99.9": what CloudWatch calls p50 and p99.9. */
const percentilesOf = (text: string | null): number[] => {
  const found = (text ?? '').split(',').filter((one) => one !== '')
  if (
    found.length <= PERCENTILES_MOST &&
    found.every((one) => /^\d{1,3}(\.\d{1,10})?$/.test(one) && Number(one) <= 100)
  ) {
    return found.map(Number)
  }
  throw new AwsError('InvalidParameter', `percentiles must be numbers from 0 to 100, and are "${text}"`)
}

/**
 * Query: "region", "namespace", "name", "dimension" (NAME=VALUE), "period" in seconds, "percentiles" (50,99), and "since" (seconds ago) or
 * "from" (seconds since 1970). The period that is under way is left out, and "next" is where it begins.
 */
export const metricsRoute = ({ metrics, clock }: MetricsRouteOptions): Route => ({
  method: 'GET',
  path: `${PREFIX}metrics`,
  handle: async ({ query }, caller) => {
    const now = Math.floor(clock.now().getTime() / 1000)
    const periodSeconds = Math.max(1, wholeNumber(query, 'period', PERIOD_SECONDS, LONGEST_PERIOD_SECONDS))
    const since = now - wholeNumber(query, 'since', SINCE_SECONDS, A_WEEK_SECONDS)
    const asked = wholeNumber(query, 'from', since, Number.MAX_SAFE_INTEGER)
    const from = asked - (asked % periodSeconds)
    // The last second is written a moment after it has ended.
    const to = now - 1 - ((now - 1) % periodSeconds)
    const { account, region } = scopeOf(query, caller)
    const [namespace, name] = [query.get('namespace'), query.get('name')]
    const filter: MetricFilter = {
      account,
      region,
      ...(namespace === null ? {} : { namespace }),
      ...(name === null ? {} : { name }),
    }
    const percentiles = percentilesOf(query.get('percentiles'))
    const dimension = dimensionOf(query.get('dimension'))
    const all = (await metrics.list(filter)).filter(
      ({ dimensions }) => dimension === undefined || dimensions[dimension[0]] === dimension[1],
    )
    const found: MetricView[] = []
    for (const metric of all.slice(0, METRICS_MOST)) {
      const points = await metrics.read(metric, { from, to, periodSeconds, percentiles, limit: POINTS_MOST })
      const { account: _account, region: _region, ...shown } = metric
      if (points.length === 0) continue
      found.push({ ...shown, points: points.map(({ at, ...of }) => ({ time: timeText(at * 1000), ...of })) })
    }
    return json({ next: Math.max(to, from), isAll: all.length <= METRICS_MOST, metrics: found })
  },
})
