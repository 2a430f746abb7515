// When the circuit breaker trips: AWS's own examples, and the types of threshold.

import type { ThresholdConfiguration } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { breakerThreshold } from './service-deployment.ts'

const breaker = (thresholdConfiguration: ThresholdConfiguration) => ({
  enable: true,
  rollback: true,
  thresholdConfiguration,
})

it.each([
  [1, 3],
  [7, 4],
  [25, 13],
  [400, 200],
  [800, 200],
])('of %i tasks, %i may fail', (desiredCount, threshold) => {
  expect(breakerThreshold(desiredCount, undefined)).toBe(threshold)
})

it.each<[ThresholdConfiguration, number, number]>([
  [{ type: 'COUNT', value: 7 }, 1000, 7],
  [{ type: 'BOUNDED_PERCENT', value: 10 }, 100, 10],
  [{ type: 'BOUNDED_PERCENT', value: 10 }, 10, 3],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 800, 400],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 1, 1],
])('by %j, of %i tasks, %i may fail', (configuration, desiredCount, threshold) => {
  expect(breakerThreshold(desiredCount, breaker(configuration))).toBe(threshold)
})
