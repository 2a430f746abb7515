// Waiting between tries, in simulated time.

import { expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { Retries, type RetryPolicy } from './retry.ts'

const diary = async (policy: RetryPolicy, progressAt?: number): Promise<number[]> => {
  const clock = new SimulatedClock()
  const start = clock.now().getTime()
  const retries = new Retries({ clock, random: { ...seededRandom(1), fraction: () => 1 }, policy })
  const tries: number[] = []
  const run = async (): Promise<void> => {
    for (;;) {
      tries.push((clock.now().getTime() - start) / 1000)
      if (tries.length === progressAt) retries.reset()
      if (!(await retries.again())) return
    }
  }
  const running = run()
  await clock.advance(1000)
  await running
  return tries
}

it('doubles the wait up to five tries', async () => {
  expect(await diary({ tries: 5, firstDelaySeconds: 1, budgetSeconds: 100 })).toEqual([0, 1, 3, 7, 15])
})

it('begins no try after its budget', async () => {
  expect(await diary({ tries: 50, firstDelaySeconds: 1, budgetSeconds: 10 })).toEqual([0, 1, 3, 7])
})

it('starts counting again after progress', async () => {
  expect(await diary({ tries: 3, firstDelaySeconds: 1, budgetSeconds: 100 }, 2)).toEqual([0, 1, 2, 4])
})
