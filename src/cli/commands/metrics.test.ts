// Goal: metrics read like a log: what, of which, how much, in the order of time.

import { expect, it } from 'vitest'
import { metricLines } from './metrics.ts'

it('is a line for each point, whatever metric it is of', () => {
  const [web, unit] = [{ LoadBalancer: 'app/web/1' }, 'Count']
  const count = { samples: 4, sum: 4, minimum: 1, maximum: 1 }
  const lines = metricLines([
    {
      namespace: 'AWS/ApplicationELB',
      name: 'RequestCount',
      unit,
      dimensions: web,
      points: [
        { time: '2026-01-01T00:01:00.000Z', ...count },
        { time: '2026-01-01T00:02:00.000Z', ...count },
      ],
    },
    {
      namespace: 'AWS/ApplicationELB',
      name: 'TargetResponseTime',
      unit: 'Seconds',
      dimensions: { ...web, TargetGroup: 'targetgroup/web/2' },
      points: [
        {
          time: '2026-01-01T00:01:00.000Z',
          samples: 3,
          sum: 0.1,
          minimum: 0.02,
          maximum: 0.05,
          percentiles: { 50: 0.03, 99.9: 0.05 },
        },
      ],
    },
  ])
  expect(lines).toEqual([
    '2026-01-01T00:01:00Z RequestCount app/web/1 sum=4 average=1 minimum=1 maximum=1 Count',
    '2026-01-01T00:01:00Z TargetResponseTime app/web/1 targetgroup/web/2 sum=0.1 average=0.0333333 minimum=0.02 maximum=0.05 p50=0.03 p99.9=0.05 Seconds',
    '2026-01-01T00:02:00Z RequestCount app/web/1 sum=4 average=1 minimum=1 maximum=1 Count',
  ])
})
