// neargate metrics: what was measured of load balancers, by CloudWatch's names.

import { systemClock } from '#base/clock.ts'
import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'
import { queryOf } from '../query.ts'
import { durationSeconds } from './events.ts'

const FOLLOW_SECONDS = 1
const NOTHING_MEASURED =
  'nothing of that was measured in that time; without --name and --dimension you see what there is (capitals count)'

interface Point {
  readonly time: string
  readonly samples: number
  readonly sum: number
  readonly minimum: number
  readonly maximum: number
  readonly percentiles?: Readonly<Record<string, number>>
}

export interface Metric {
  readonly namespace: string
  readonly name: string
  readonly unit: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly points: readonly Point[]
}

interface Page {
  readonly next: number
  readonly metrics: readonly Metric[]
}

/** Enough digits to tell values apart, and no more. */
const short = (value: number): string => String(Number(value.toPrecision(6)))

/** One line for each point, the oldest first. */
export const metricLines = (metrics: readonly Metric[]): string[] =>
  metrics
    .flatMap((metric) => metric.points.map((point) => ({ metric, point })))
    .toSorted((a, b) => a.point.time.localeCompare(b.point.time))
    .map(({ metric: { name, unit, dimensions }, point }) => {
      const { time, samples, sum, minimum, maximum, percentiles = {} } = point
      const average = samples === 0 ? 0 : sum / samples
      const values = `sum=${short(sum)} average=${short(average)} minimum=${short(minimum)} maximum=${short(maximum)}`
      const shares = Object.entries(percentiles).map(([percent, value]) => `p${percent}=${short(value)} `)
      return `${time.replace('.000Z', 'Z')} ${name} ${Object.values(dimensions).join(' ')} ${values} ${shares.join('')}${unit}`
    })

/** One document for each point. */
const documents = (metrics: readonly Metric[]): string[] =>
  metrics.flatMap(({ points, ...metric }) => points.map((point) => JSON.stringify({ ...metric, ...point })))

const text = (flag: string | boolean | undefined): string | undefined => (typeof flag === 'string' ? flag : undefined)

const periodOf = (flag: string | boolean | undefined): number => {
  const period = Number(text(flag) ?? '60')
  if (Number.isInteger(period) && period >= 1) return period
  throw new CliError(`--period takes whole seconds, and is "${String(flag)}"`, 2)
}

export const metrics: Command = {
  name: 'metrics',
  usage:
    'metrics [--follow] [--since 5m] [--period 60] [--namespace NAME] [--name NAME] [--dimension NAME=VALUE] [--percentiles 50,99] [--json] [--data DIR]',
  summary: 'Print what was measured of load balancers, by CloudWatch’s names; with --json, one document per line.',
  options: {
    follow: { type: 'boolean', help: 'go on with what is measured from now on' },
    since: { type: 'string', value: 'TIME', help: 'from so long ago on: 90s, 5m, 1h (default 5m)' },
    period: { type: 'string', value: 'N', help: 'add up so many seconds, from 1 (default 60)' },
    namespace: { type: 'string', value: 'NAME', help: 'AWS/ApplicationELB or AWS/NetworkELB only' },
    name: { type: 'string', value: 'NAME', help: 'that metric only, e.g. RequestCount' },
    dimension: {
      type: 'string',
      value: 'NAME=VALUE',
      help: 'only of that, e.g. LoadBalancer=app/web/0123456789abcdef',
    },
    percentiles: { type: 'string', value: 'N,N', help: 'these too, e.g. 50,99.9' },
  },
  run: async ({ config, flags, output }) => {
    const client = clientFor(config)
    const filter = {
      region: config.region,
      namespace: flags['namespace'],
      name: flags['name'],
      dimension: flags['dimension'],
      percentiles: flags['percentiles'],
      period: periodOf(flags['period']),
    }
    const since = durationSeconds(text(flags['since']) ?? '5m')
    for (let from = 0; ;) {
      const page = (await client.own(
        'GET',
        `/_neargate/metrics?${queryOf({ ...filter, ...(from === 0 ? { since } : { from }) })}`,
      )) as Page
      for (const line of (output.json ? documents : metricLines)(page.metrics)) output.write(`${line}\n`)
      from = page.next
      if (flags['follow'] !== true) {
        if (page.metrics.length === 0) output.progress(NOTHING_MEASURED)
        return 0
      }
      await systemClock.sleep(FOLLOW_SECONDS)
    }
  },
}
