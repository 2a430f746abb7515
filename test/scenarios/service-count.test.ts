// Goal: a service keeps as many tasks as are wished for, through everything that happens to them.
// Method: real operations and controllers over the fake engine, in simulated time. The diary shows what was done ("—"),
// the service's events as they were told, and each deployment as "desired/running/pending" whenever an instant is over.

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

  it('of no tasks is steady at once', async () => {
    await world.create(await world.app(), 0)
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 0
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 0/0/0 COMPLETED
      "
    `)
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

  it('replaces a task that a user has stopped, without waiting for its end', async () => {
    await world.create(await world.app({ stopSeconds: 20 }), 2)
    await world.advance(120)
    await world.note('StopTask')
    const [first] = await world.live()
    if (first !== undefined) await world.stop(first.arn)
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          2:00  — StopTask
                (service web) has started 1 tasks: (task t3).
          2:05  (service web) has reached a steady state.
      "
    `)
  })

  it('replaces a task that the host has lost', async () => {
    await world.create(await world.app(), 2)
    await world.advance(120)
    const [first] = await world.live()
    world.engine.lose(first?.id ?? '')
    await world.advance(400)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          5:00  (service web) has started 1 tasks: (task t3).
          5:05  (service web) has reached a steady state.
      "
    `)
  })

  it('grows and shrinks without a deployment', async () => {
    await world.create(await world.app(), 1)
    await world.advance(60)
    await world.update({ desiredCount: 4 })
    await world.advance(60)
    await world.update({ desiredCount: 2 })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          1:00  — UpdateService desiredCount=4
                (service web) has started 3 tasks: (task t2) (task t3) (task t4).
                = d1 PRIMARY 4/4/0 COMPLETED
          1:05  (service web) has reached a steady state.
          2:00  — UpdateService desiredCount=2
                (service web) has stopped 2 running tasks: (task t4) (task t3).
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('shrinks to nothing and comes back', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.update({ desiredCount: 0 })
    await world.advance(60)
    await world.update({ desiredCount: 1 })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          1:00  — UpdateService desiredCount=0
                (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) has reached a steady state.
                = d1 PRIMARY 0/0/0 COMPLETED
          2:00  — UpdateService desiredCount=1
                (service web) has started 1 tasks: (task t3).
                = d1 PRIMARY 1/1/0 COMPLETED
          2:05  (service web) has reached a steady state.
      "
    `)
  })

  it('keeps its zones even when it shrinks', async () => {
    await world.create(await world.app(), 7)
    await world.advance(60)
    expect(await world.zones()).toBe('a3 b2 c2')
    for (const [desiredCount, zones] of [
      [6, 'a2 b2 c2'],
      [4, 'a2 b1 c1'],
      [3, 'a1 b1 c1'],
    ] as const) {
      await world.update({ desiredCount })
      await world.advance(60)
      expect((await world.zones()).length).toBe(zones.length)
      const counts = (await world.zones()).match(/\d/g)?.toSorted()
      expect(counts).toEqual(zones.match(/\d/g)?.toSorted())
    }
  })

  it('takes those that do not run yet first when it shrinks', async () => {
    await world.create(await world.app(), 3)
    await world.advance(60)
    const slow = world.engine.images.pull.bind(world.engine.images)
    world.engine.images.pull = async (...asked) => {
      await world.clock.sleep(100)
      return slow(...asked)
    }
    await world.update({ desiredCount: 6 })
    await world.advance(10)
    await world.update({ desiredCount: 3 })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/3/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
          1:00  — UpdateService desiredCount=6
                (service web) has started 3 tasks: (task t4) (task t5) (task t6).
                = d1 PRIMARY 6/3/3 COMPLETED
          1:10  — UpdateService desiredCount=3
                (service web) has stopped 3 pending tasks: (task t6) (task t5) (task t4).
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
      "
    `)
  })

  it('tells of ten tasks at a time, and starts a hundred in one turn', async () => {
    await world.create(await world.app(), 200)
    await world.advance(1)
    const told = world.story.split('\n').filter((line) => line.includes('has started'))
    expect(told).toHaveLength(20)
    expect(told[0]).toContain('has started 10 tasks: (task t1) (task t2)')
    await world.advance(30)
    expect(world.story).toContain('= d1 PRIMARY 200/200/0 COMPLETED')
  })

  it('tells again that it is steady when six hours have passed', async () => {
    await world.create(await world.app(), 1)
    await world.advance(13 * 3600)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
       6:00:05  (service web) has reached a steady state.
      12:00:05  (service web) has reached a steady state.
      "
    `)
  })

  it('keeps its hundred newest events', async () => {
    await world.create(await world.app(), 1)
    for (let round = 0; round < 60; round++) {
      await world.advance(120)
      world.crashTask((await world.live())[0])
    }
    await world.advance(60)
    const { events } = await world.described()
    expect(events).toHaveLength(100)
    expect(events?.[0]?.message).toBe('(service web) has reached a steady state.')
    expect(events?.[1]?.message).toMatch(/^\(service web\) has started 1 tasks: \(task [0-9a-f]{32}\)\.$/)
  })

  it('goes on where it was when the control plane dies', async () => {
    await world.create(await world.app({ startSeconds: 10 }), 3)
    await world.advance(5)
    await world.note('the control plane dies')
    world.crash()
    await world.advance(60)
    await world.note('and is started again')
    await world.restart()
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/0/3 IN_PROGRESS
          0:05  — the control plane dies
          1:05  — and is started again
                = d1 PRIMARY 3/3/0 IN_PROGRESS
          1:10  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
      "
    `)
    expect(await world.live()).toHaveLength(3)
  })
})

describe('a service that cannot be what it is to be', () => {
  it('tells that its subnets are gone, once, and tries again more and more seldom', async () => {
    const family = await world.app()
    await world.create(family, 1)
    await world.advance(60)
    await world.note('its subnets are deleted, and its task exits')
    await world.forgetSubnets()
    world.crashTask((await world.live())[0])
    await world.advance(3600)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          1:00  — its subnets are deleted, and its task exits
                (service web) failed to launch a task with (error InvalidParameterException: Error retrieving subnet information for [subnet-a, subnet-b, subnet-c]: The subnet ID 'subnet-a' does not exist (ErrorCode: InvalidSubnetID.NotFound)).
                = d1 PRIMARY 1/0/0 COMPLETED
          1:15  (service web) is unable to consistently start tasks successfully.
      "
    `)
  })
})

describe('task protection', () => {
  const protect = async (from: number, to: number, expiresInMinutes: number): Promise<void> => {
    const arns = (await world.live()).slice(from, to).map(({ arn }) => arn)
    await world.note(`UpdateTaskProtection of ${arns.length} for ${expiresInMinutes} minutes`)
    await world.ask('UpdateTaskProtection', { tasks: arns, protectionEnabled: true, expiresInMinutes } as never)
  }

  it('spares tasks from scale-in', async () => {
    await world.create(await world.app(), 3)
    await world.advance(60)
    await protect(0, 2, 60)
    await world.update({ desiredCount: 2 })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/3/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
          1:00  — UpdateTaskProtection of 2 for 60 minutes
                — UpdateService desiredCount=2
                (service web) has stopped 1 running tasks: (task t3).
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('of more tasks than are desired keeps the service from a steady state until it expires', async () => {
    await world.create(await world.app(), 3)
    await world.advance(60)
    await protect(0, 3, 10)
    await world.update({ desiredCount: 1 })
    await world.advance(1200)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/3/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
          1:00  — UpdateTaskProtection of 3 for 10 minutes
                — UpdateService desiredCount=1
                (service web) was unable to reach steady state because task set (d1) was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks
                = d1 PRIMARY 1/3/0 COMPLETED
         11:00  (service web) has stopped 2 running tasks: (task t3) (task t1).
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('holds up a deployment until it expires', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await protect(0, 1, 5)
    await world.deploy()
    await world.advance(600)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          1:00  — UpdateTaskProtection of 1 for 5 minutes
                — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks: (task t1).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 0/1/0 COMPLETED
          6:00  (service web) has stopped 1 running tasks: (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })
})
