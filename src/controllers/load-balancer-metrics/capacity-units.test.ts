// Goal: capacity units are what AWS's price list makes of the same traffic. Method: its own examples, and a table.

import { expect, it } from 'vitest'
import { addUnits, sumOfUsages, type Usage, type Usages } from './capacity-units.ts'
import type { Tally } from './tally.ts'

const usage = (change: Partial<Usage>): Usage => ({
  newConnections: 0,
  connectionSeconds: 0,
  bytes: 0,
  evaluations: 0,
  ...change,
})
const units = (usages: Usages, seconds = 60): Record<string, unknown> => {
  const tally: Tally = new Map()
  addUnits(tally, usages, seconds)
  return Object.fromEntries([...tally.values()].map(({ name, amount }) => [name, amount]))
}

it('follow AWS’s example: a connection a second for two minutes, five requests each, 300 KB a second, 60 rules', () => {
  const second = usage({ newConnections: 1, connectionSeconds: 120, bytes: 300_000, evaluations: 5 * 50 })
  const minute = Array.from({ length: 60 }).reduce<Usages>((sum) => sumOfUsages(sum, { application: second }), {})
  // 0.04 by new connections, 0.04 by active ones, 0.25 by rules: bytes decide.
  expect(units(minute)).toEqual({ ConsumedLCUs: expect.closeTo(1.08) })
})

it.each<[what: string, usages: Usages, found: Record<string, number>]>([
  ['nothing', {}, { ConsumedLCUs: 0 }],
  ['new connections', { application: usage({ newConnections: 25 * 60 }) }, { ConsumedLCUs: 1 }],
  ['active connections', { application: usage({ connectionSeconds: 6000 * 60 }) }, { ConsumedLCUs: 2 }],
  ['rules', { application: usage({ evaluations: 3000 * 60 }) }, { ConsumedLCUs: 3 }],
  ['new flows', { TCP: usage({ newConnections: 800 * 60 }) }, { ConsumedLCUs: 1, ConsumedLCUs_TCP: 1 }],
  ['active flows', { TCP: usage({ connectionSeconds: 50_000 * 60 }) }, { ConsumedLCUs: 0.5, ConsumedLCUs_TCP: 0.5 }],
  [
    'both protocols, each by its own most',
    { TCP: usage({ newConnections: 800 * 60 }), TLS: usage({ connectionSeconds: 3000 * 60 }) },
    { ConsumedLCUs: 2, ConsumedLCUs_TCP: 1, ConsumedLCUs_TLS: 1 },
  ],
  ['new TLS flows', { TLS: usage({ newConnections: 50 * 60 }) }, { ConsumedLCUs: 1, ConsumedLCUs_TLS: 1 }],
])('by %s', (_what, usages, found) => {
  expect(units(usages)).toEqual(found)
})
