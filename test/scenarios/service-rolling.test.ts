// Goal: a rolling deployment never leaves its bounds: the healthy minimum, rounded up, and the maximum, rounded down.
// Method: as in service-count.test.ts. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html

import { beforeEach, describe, expect, it } from 'vitest'
import { ServiceWorld } from './service-world.ts'

let world: ServiceWorld

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
})

const bounds = (minimumHealthyPercent: number, maximumPercent: number) => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
})

describe('a rolling deployment', () => {
  it('at 100/200 starts all new tasks, and stops the old ones when the new have run for 40 s', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy()
    await world.advance(120)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('at 50/100 stops half of them to make room', async () => {
    await world.create(await world.app(), 4, bounds(50, 100))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 4 at 50/100
                (service web) has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
                = d1 PRIMARY 4/4/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 4/4/0 COMPLETED
          1:00  — UpdateService: a new task definition
                (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t4) (task t2).
                (service web) has started 2 tasks: (task t7) (task t8).
                = d2 PRIMARY 4/4/0 IN_PROGRESS
          1:45  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('at 100/150 goes in steps', async () => {
    await world.create(await world.app(), 4, bounds(100, 150))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 4 at 100/150
                (service web) has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
                = d1 PRIMARY 4/4/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 4/4/0 COMPLETED
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 4/4/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t7) (task t8).
                = d2 PRIMARY 4/4/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          2:20  (service web) has stopped 2 running tasks: (task t4) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('of one task at 50/100 is blocked: the minimum and the maximum are both one', async () => {
    await world.create(await world.app(), 1, bounds(50, 100))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1 at 50/100
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          1:00  — UpdateService: a new task definition
                service web was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
                = d2 PRIMARY 0/0/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
      "
    `)
  })
})
