// Goal: whoever asks for metrics gets the points of whole periods, the percentiles wished for, and is refused in plain words.

import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { Caller } from '#aws/operation.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { memoryMetricStore } from '#telemetry/metrics/memory/memory-metric-store.ts'
import { metricsRoute } from './metrics.ts'

const clock = new SimulatedClock('2026-01-01T00:10:00Z')
const now = clock.now().getTime() / 1000
const metric = { account: '1', region: 'eu-west-1', namespace: 'N', name: 'Time', unit: 'Seconds', dimensions: {} }

const asked = async (query: string): Promise<unknown> => {
  const metrics = memoryMetricStore()
  const values = [1, 2, 3, 4].map((value) => [value, 1] as const)
  await metrics.append([{ ...metric, at: now - 100, samples: 4, sum: 10, minimum: 1, maximum: 4, values }])
  const request = {
    method: 'GET',
    path: '/_neargate/metrics',
    query: new URLSearchParams(`region=eu-west-1&${query}`),
    headers: {},
    body: Readable.from([]),
    signal: new AbortController().signal,
  }
  const caller = { account: '1' } as Caller
  const { body } = await metricsRoute({ metrics, clock }).handle(request, caller)
  return JSON.parse(body as string) as unknown
}

it('tells percentiles where they are wished for', async () => {
  const point = { time: '2026-01-01T00:08:00.000Z', samples: 4, sum: 10, minimum: 1, maximum: 4 }
  expect(await asked('')).toMatchObject({ metrics: [{ name: 'Time', points: [point] }] })
  expect(await asked('percentiles=25,100')).toMatchObject({
    metrics: [{ points: [{ ...point, percentiles: { 25: 1, 100: 4 } }] }],
  })
})

it.each(['101', 'p50', '50,-1', '1,1,1,1,1,1,1,1,1,1,1'])('refuses percentiles %s', async (percentiles) => {
  await expect(asked(`percentiles=${percentiles}`)).rejects.toMatchObject({
    code: 'InvalidParameter',
    message: expect.stringContaining('percentiles must be'),
  })
})
