// Places are had as they are wished; one that somebody else has is had as soon as it is free.

import { beforeEach, expect, it } from 'vitest'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { KeptPlaces } from './kept-places.ts'

let clock: SimulatedClock
let places: KeptPlaces<string, string, { close(): void }>
/** Had by another program. */
let taken: Set<string>
let diary: string[]

beforeEach(() => {
  clock = new SimulatedClock()
  taken = new Set()
  diary = []
  places = new KeptPlaces({
    clock,
    retrySeconds: 5,
    open: async (wish) => {
      if (taken.has(wish)) return undefined
      diary.push(`open ${wish}`)
      return { close: () => void diary.push(`close ${wish}`) }
    },
  })
})

it('opens what is wished anew or otherwise, closes what is not, and leaves the others alone', async () => {
  expect(await places.set(new Map(Object.entries({ a: 'a1', b: 'b1' })))).toEqual(['a', 'b'])
  expect(await places.set(new Map(Object.entries({ a: 'a1', b: 'b2', c: 'c1' })))).toEqual(['a', 'b', 'c'])
  expect(await places.set(new Map(Object.entries({ c: 'c1' })))).toEqual(['c'])
  expect(diary).toEqual(['open a1', 'open b1', 'close b1', 'open b2', 'open c1', 'close a1', 'close b2'])
})

it('asks again for a place that somebody else has, until it has it or is closed', async () => {
  taken.add('a1').add('b1')
  expect(await places.set(new Map(Object.entries({ a: 'a1', b: 'b1', c: 'c1' })))).toEqual(['c'])
  await clock.advance(12)
  expect(diary).toEqual(['open c1'])
  taken.delete('a1')
  await clock.advance(5)
  expect(diary).toEqual(['open c1', 'open a1'])
  places.close()
  taken.clear()
  await clock.advance(60)
  expect(diary).toEqual(['open c1', 'open a1', 'close c1', 'close a1'])
})
