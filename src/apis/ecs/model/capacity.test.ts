// Which capacity provider each task of a request goes to.

import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { fargateProvider, placed } from './capacity.ts'

const strategy = (text: string) =>
  text.split(', ').map((item) => {
    const [capacityProvider = '', base = '0', weight = '0'] = item.split(' ')
    return { capacityProvider, base: Number(base), weight: Number(weight) }
  })

test.each([
  // provider base weight              count  FARGATE  FARGATE_SPOT
  ['FARGATE_SPOT 0 1', 3, 0, 3],
  ['FARGATE_SPOT 0 0', 3, 0, 3],
  ['FARGATE 0 1, FARGATE_SPOT 0 1', 10, 5, 5],
  ['FARGATE 0 1, FARGATE_SPOT 0 4', 10, 2, 8],
  ['FARGATE 2 1, FARGATE_SPOT 0 3', 10, 4, 6],
  ['FARGATE 2 0, FARGATE_SPOT 0 1', 10, 2, 8],
  ['FARGATE 5 0, FARGATE_SPOT 0 1', 3, 3, 0],
  ['FARGATE 0 1, FARGATE_SPOT 0 1', 1, 1, 0],
])('%s: of %i tasks %i run on FARGATE and %i on FARGATE_SPOT', (text, count, onFargate, onSpot) => {
  const providers = placed(strategy(text), count)
  expect(providers.filter((name) => name === 'FARGATE')).toHaveLength(onFargate)
  expect(providers.filter((name) => name === 'FARGATE_SPOT')).toHaveLength(onSpot)
})

it('gives every task a provider, never less than the base, and no share more than one task off its weight', () => {
  const weight = fc.integer({ min: 1, max: 1000 })
  fc.assert(
    fc.property(weight, weight, fc.nat(20), fc.nat(100), (a, b, base, count) => {
      const providers = placed(
        [
          { capacityProvider: 'FARGATE', weight: a, base },
          { capacityProvider: 'FARGATE_SPOT', weight: b },
        ],
        count,
      )
      expect(providers).toHaveLength(count)
      const onSpot = providers.filter((name) => name === 'FARGATE_SPOT').length
      const fair = (Math.max(0, count - base) * b) / (a + b)
      expect(Math.abs(onSpot - fair)).toBeLessThanOrEqual(1)
    }),
  )
})

test.each([
  ['FARGATE', 'FARGATE'],
  ['arn:aws:ecs:eu-west-1:123456789012:capacity-provider/FARGATE_SPOT', 'FARGATE_SPOT'],
  ['fargate', undefined],
  ['mine', undefined],
])('%s is the provider %s', (named, name) => {
  expect(fargateProvider(named)).toBe(name)
})
