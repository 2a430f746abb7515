// Goal: kill -9 of the control plane in the middle of real deployments loses no task, starts none twice, leaves nothing
// over and does not touch tasks that nobody wanted replaced; the service comes to rest every time.
// Method: rounds with seeded randomness; each scales or deploys a service with health checks, kills at a random moment,
// starts again. NEARGATE_KILLS=n for more; `npm run bench -- kills` tells the times.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { killedDeployments } from '#test/deployment-kills.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { NONE } from '#test/leftovers.ts'

const KILLS = Number(process.env['NEARGATE_KILLS'] ?? 100)

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.down())

it(`${KILLS} kills in the middle of deployments: none lost, none doubled, nothing left over`, async () => {
  const { tasks, convergedSeconds, ...harm } = await killedDeployments(instance, {
    kills: KILLS,
    random: seededRandom(20261122),
  })
  expect(harm).toEqual({ kills: KILLS, lost: [], doubled: [], disturbed: [], orphans: NONE })
  // That there was something to lose, and that it came to rest.
  expect(tasks).toBeGreaterThan(KILLS / 2)
  expect(convergedSeconds.length).toBeGreaterThanOrEqual(Math.floor(KILLS / 5))
}, 3_600_000)
