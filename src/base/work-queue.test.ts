// Goal: work that keeps failing is tried again ever less often, whoever asks for it in between.
// Method: simulated time, and counting.

import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'
import { settle, SimulatedClock } from './simulated-clock.ts'
import { WorkQueue } from './work-queue.ts'

it('tries what fails twice a minute in the end, also when others have asked for it many times', async () => {
  const clock = new SimulatedClock()
  const life = new AbortController()
  let tries = 0
  let isBroken = true
  const queue = new WorkQueue({
    clock,
    random: seededRandom(1),
    concurrency: 4,
    work: async () => {
      tries += 1
      if (isBroken) throw new Error('broken')
    },
    failed: () => undefined,
    signal: life.signal,
  })
  for (let asked = 0; asked < 100; asked += 1) {
    queue.add('balancer')
    await clock.advance(1)
  }
  tries = 0
  await clock.advance(600)
  expect(tries).toBeGreaterThanOrEqual(15)
  expect(tries).toBeLessThanOrEqual(30)

  isBroken = false
  queue.add('balancer')
  await settle()
  tries = 0
  await clock.advance(600)
  expect(tries).toBe(0)
  life.abort()
  await queue.drained()
})
