// Goal: a service keeps as many tasks as are wished for, through everything that happens to them.
// Method: real operations and controllers over the fake engine, in simulated time; the diary shows events as they were
// told, and each deployment as "desired/running/pending" whenever an instant is over.

import { beforeEach, describe, expect, it } from 'vitest'
import { ServiceWorld } from './service-world.ts'

let world: ServiceWorld

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
})

describe('a service', () => {
  it('starts its tasks, and is steady when they run', async () => {
    await world.create(await world.app(), 3)
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/3/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
      "
    `)
    expect(await world.zones()).toBe('a1 b1 c1')
  })

  it('replaces a task that ends', async () => {
    await world.create(await world.app(), 2)
    await world.advance(120)
    await world.note('a task exits')
    world.crashTask((await world.live())[0])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          2:00  — a task exits
                (service web) has started 1 tasks: (task t3).
          2:05  (service web) has reached a steady state.
      "
    `)
  })
})
