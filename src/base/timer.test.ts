// A timer rings at the time it was set to last, once.

import { beforeEach, expect, it } from 'vitest'
import { SimulatedClock } from './simulated-clock.ts'
import { Timer } from './timer.ts'

let clock: SimulatedClock
let timer: Timer
/** Seconds since the start. */
let rings: number[]
let start: number

beforeEach(() => {
  clock = new SimulatedClock()
  start = clock.now().getTime()
  rings = []
  timer = new Timer({ clock, ring: () => rings.push((clock.now().getTime() - start) / 1000) })
})

const set = (seconds: number | undefined): void => timer.set(seconds === undefined ? undefined : start + seconds * 1000)

it('rings at its time, once, and at the same time again only when it is set again', async () => {
  set(10)
  set(10)
  await clock.advance(60)
  expect(rings).toEqual([10])
  set(10)
  await clock.advance(60)
  expect(rings).toEqual([10, 60])
})

it('rings at the last time that it was set to, be that sooner or later', async () => {
  set(10)
  set(5)
  await clock.advance(7)
  set(30)
  set(20)
  await clock.advance(60)
  expect(rings).toEqual([5, 20])
})

it('does not ring when it is set to no time', async () => {
  set(10)
  set(undefined)
  await clock.advance(60)
  expect(rings).toEqual([])
})
