// What every metric store promises, as one suite that each implementation runs.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MetricIdentity, MetricQuery, MetricSample, MetricStore } from './metric-store.ts'

export interface OpenedMetrics {
  readonly metrics: MetricStore
  /** The same samples in a newly opened store; absent where samples do not outlive the store. */
  readonly reopen?: () => Promise<MetricStore>
  readonly remove?: () => Promise<void>
}

const REQUESTS: MetricIdentity = {
  account: '123456789012',
  region: 'eu-west-1',
  namespace: 'AWS/ApplicationELB',
  name: 'RequestCount',
  dimensions: { LoadBalancer: 'app/web/1', TargetGroup: 'targetgroup/web/2' },
  unit: 'Count',
}
const sample = (at: number, value: number, metric = REQUESTS): MetricSample => ({
  ...metric,
  at,
  samples: 1,
  sum: value,
  minimum: value,
  maximum: value,
})

export const metricStoreConformance = (title: string, open: () => Promise<OpenedMetrics>): void => {
  describe(`${title} keeps the promises of a metric store`, () => {
    let opened: OpenedMetrics
    let metrics: MetricStore
    /** "at=sum/samples" of each period. */
    const read = async (query: Partial<MetricQuery> = {}, metric = REQUESTS): Promise<string> =>
      (await metrics.read(metric, { from: 0, to: 1e9, periodSeconds: 1, limit: 1000, ...query }))
        .map(({ at, sum, samples }) => `${at}=${sum}/${samples}`)
        .join(' ')

    beforeEach(async () => {
      opened = await open()
      metrics = opened.metrics
    })
    afterEach(async () => {
      await metrics.close()
      await opened.remove?.()
    })

    it('returns seconds in their order, between two times, at most so many', async () => {
      await metrics.append([sample(12, 2), sample(10, 1)])
      await metrics.append([sample(11, 5)])
      expect(await read()).toBe('10=1/1 11=5/1 12=2/1')
      expect(await read({ from: 11 })).toBe('11=5/1 12=2/1')
      expect(await read({ to: 12 })).toBe('10=1/1 11=5/1')
      expect(await read({ limit: 1 })).toBe('10=1/1')
    })

    it('adds up periods that begin at their multiples, and leaves out those without samples', async () => {
      await metrics.append([sample(59, 1), sample(60, 2), sample(61, 7), sample(119, 3), sample(240, 1)])
      expect(await read({ periodSeconds: 60 })).toBe('0=1/1 60=12/3 240=1/1')
      const [, minute] = await metrics.read(REQUESTS, { from: 0, to: 1000, periodSeconds: 60, limit: 9 })
      expect(minute).toEqual({ at: 60, samples: 3, sum: 12, minimum: 2, maximum: 7 })
    })

    it('adds what is told of a second to what was told before', async () => {
      await metrics.append([{ ...sample(10, 4), samples: 2, minimum: 1, maximum: 3 }])
      await metrics.append([sample(10, 0.5), sample(10, 9)])
      const [second] = await metrics.read(REQUESTS, { from: 0, to: 99, periodSeconds: 1, limit: 9 })
      expect(second).toEqual({ at: 10, samples: 4, sum: 13.5, minimum: 0.5, maximum: 9 })
    })

    it('tells percentiles of what it knows the values of, also over many seconds', async () => {
      const values = Array.from({ length: 100 }, (_, index) => [(index + 1) / 1000, 1] as const)
      const spread = { samples: 100, sum: 5.05, minimum: 0.001, maximum: 0.1, values }
      const { values: _values, ...untold } = spread
      const percentiles = [0, 50, 99, 100]
      const asked = { from: 0, to: 1000, periodSeconds: 60, limit: 9, percentiles }
      await metrics.append([{ ...REQUESTS, at: 10, ...spread }, sample(11, 0.05), sample(12, 3)])
      await metrics.append([{ ...REQUESTS, at: 10, ...spread }])
      // One of which only the bounds are known, one that is below 0, and one of a single value.
      await metrics.append([{ ...REQUESTS, at: 70, ...untold }, sample(130, -1), sample(131, 1), sample(190, 7)])
      const [first, ...others] = await metrics.read(REQUESTS, asked)
      expect(first).toMatchObject({ at: 0, samples: 202, minimum: 0.001, maximum: 3 })
      expect(first?.percentiles?.[50]).toBeGreaterThan(0.0487)
      expect(first?.percentiles?.[50]).toBeLessThan(0.0513)
      expect(first?.percentiles?.[99]).toBeGreaterThan(0.0975)
      expect(first?.percentiles?.[99]).toBeLessThan(0.1025)
      expect([first?.percentiles?.[0], first?.percentiles?.[100]]).toEqual([0.001, 3])
      expect(others.map((point) => point.percentiles)).toEqual([undefined, undefined, { 0: 7, 50: 7, 99: 7, 100: 7 }])
      const [plain] = await metrics.read(REQUESTS, { from: 0, to: 60, periodSeconds: 60, limit: 9 })
      expect(plain).toEqual({ at: 0, samples: 202, sum: expect.closeTo(13.15), minimum: 0.001, maximum: 3 })
    })

    it('keeps marks beside samples, until they are told to be forgotten', async () => {
      await metrics.append([sample(1, 1)], { a: '1', b: '2' })
      await metrics.append([], { a: '3', b: undefined, c: undefined })
      expect(await metrics.marks()).toEqual({ a: '3' })
      metrics = (await opened.reopen?.()) ?? metrics
      expect(await metrics.marks()).toEqual({ a: '3' })
    })

    it('knows a metric by all its parts, but not by the order of its dimensions', async () => {
      const turned = { ...REQUESTS, dimensions: { TargetGroup: 'targetgroup/web/2', LoadBalancer: 'app/web/1' } }
      await metrics.append([sample(1, 1), sample(1, 2, turned)])
      for (const other of [
        { account: '000000000000' },
        { region: 'us-east-1' },
        { namespace: 'AWS/NetworkELB' },
        { name: 'requestcount' },
        { dimensions: { LoadBalancer: 'app/web/1' } },
        { dimensions: {} },
        { unit: 'Bytes' },
      ]) {
        await metrics.append([sample(1, 100, { ...REQUESTS, ...other })])
      }
      expect(await read()).toBe('1=3/2')
      expect(await read({}, { ...REQUESTS, dimensions: {} })).toBe('1=100/1')
    })

    it('lists metrics by what is asked for', async () => {
      const { account, region } = REQUESTS
      const hosts = { ...REQUESTS, name: 'HealthyHostCount' }
      const flows = { ...REQUESTS, namespace: 'AWS/NetworkELB', name: 'NewFlowCount', dimensions: {} }
      await metrics.append([REQUESTS, hosts, flows, { ...flows, region: 'us-east-1' }].map((one) => sample(1, 1, one)))
      const names = async (filter: object): Promise<string> =>
        (await metrics.list({ account, region, ...filter })).map(({ name }) => name).join(' ')
      expect(await names({})).toBe('HealthyHostCount RequestCount NewFlowCount')
      expect(await names({ namespace: 'AWS/ApplicationELB' })).toBe('HealthyHostCount RequestCount')
      expect(await names({ name: 'NewFlowCount' })).toBe('NewFlowCount')
      expect(await names({ dimensions: {} })).toBe('NewFlowCount')
      expect(await names({ dimensions: { LoadBalancer: 'app/web/1' } })).toBe('')
      expect(await names({ account: '000000000000' })).toBe('')
      expect(await metrics.list({ account, region, name: 'RequestCount' })).toEqual([REQUESTS])
    })

    it('keeps every character of what names a metric', async () => {
      const odd = { ...REQUESTS, name: '"\\%_', dimensions: { 'a"b': 'ä€😀\u2028', '%': "'; DROP" } }
      await metrics.append([sample(1, 1, odd)])
      const { account, region } = REQUESTS
      expect(await metrics.list({ account, region, dimensions: odd.dimensions })).toEqual([odd])
      expect(await read({}, odd)).toBe('1=1/1')
    })

    it('drops what is too old, and forgets metrics that have nothing left', async () => {
      const { account, region } = REQUESTS
      await metrics.append([sample(1, 1), sample(2, 2), sample(1, 1, { ...REQUESTS, unit: 'Bytes' })])
      await metrics.expire(2, 1000)
      expect(await read()).toBe('2=2/1')
      expect(await metrics.list({ account, region })).toEqual([REQUESTS])
      await metrics.append([sample(3, 1, { ...REQUESTS, unit: 'Bytes' })])
      expect(await read({}, { ...REQUESTS, unit: 'Bytes' })).toBe('3=1/1')
    })

    it('keeps the newest seconds within the number of samples', async () => {
      const other = { ...REQUESTS, name: 'NewConnectionCount' }
      await metrics.append([1, 2, 3].flatMap((at) => [sample(at, at), sample(at, at, other)]))
      await metrics.expire(0, 4)
      expect(await read()).toBe('2=2/1 3=3/1')
      await metrics.expire(0, 3)
      expect([await read(), await read({}, other)]).toEqual(['3=3/1', '3=3/1'])
    })

    it('is the same after it was closed and opened again', async () => {
      const { reopen } = opened
      if (reopen === undefined) return
      await metrics.append([sample(1, 1)])
      metrics = await reopen()
      await metrics.append([sample(1, 2)])
      expect(await read()).toBe('1=3/2')
    })
  })
}
