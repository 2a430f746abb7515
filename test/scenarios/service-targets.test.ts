// Goal: a service's tasks are registered with its target groups when they are ready, have let go of their clients before
// they are told to stop, and are replaced when the load balancer finds them unhealthy.
// Method: real controllers in simulated time; the load balancer is a fake whose targets are as the test says. The diary
// shows targets and the ends of tasks besides events.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html

import { beforeEach, describe, expect, it } from 'vitest'
import type { FakeScript } from '#engine/fake/script.ts'
import { BalancedWorld, PORTS } from './balanced-world.ts'
import type { Container } from './world.ts'

let world: BalancedWorld

beforeEach(async () => {
  world = (await new BalancedWorld().begin()) as BalancedWorld
  await world.balance('blue', 'green')
})

const begun = async (
  desiredCount: number,
  { script = {}, container = {}, ...more }: { script?: FakeScript; container?: Partial<Container> } & object = {},
): Promise<void> => {
  const family = await world.app(script, { ...PORTS, ...container })
  await world.create(family, desiredCount, { loadBalancers: world.attached(family), ...more })
}

describe('a service behind a load balancer', () => {
  it('registers its tasks, is steady when they are healthy, and drains them before they are told to stop', async () => {
    world.balancer.otherwise = { health: 'unknown' }
    await begun(2)
    await world.advance(60)
    world.balancer.otherwise = { sessions: 3 }
    await world.target(0, { sessions: 3 })
    await world.advance(60)
    await world.update({ desiredCount: 1 })
    await world.advance(400)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                · blue: t1 initial
                · blue: t2 initial
                (service web) registered 2 targets in (target-group blue)
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          1:01  · blue: t1 healthy
                · blue: t2 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          2:01  — UpdateService desiredCount=1
                (service web) has stopped 1 running tasks: (task t2).
                (service web) has reached a steady state.
                · t2 DEACTIVATING
                · blue: t2 draining
                (service web) deregistered 1 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 1 tasks.
                = d1 PRIMARY 1/1/0 COMPLETED
          7:01  · blue: t2 gone
                · t2 STOPPING
                · t2 SIGTERM
                · t2 STOPPED
      "
    `)
    expect(await world.registered()).toBe(1)
  })
})
