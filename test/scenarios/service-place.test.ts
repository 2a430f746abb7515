// Goal: tasks go where they belong: to every zone alike, to capacity providers by their shares, and they wait for room.
// Method: as in service-count.test.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html

import { beforeEach, describe, expect, it } from 'vitest'
import { ServiceWorld } from './service-world.ts'

let world: ServiceWorld

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
})

const since = (mark: string): string => world.story.slice(world.story.lastIndexOf('\n', world.story.indexOf(mark)))

/** Tasks of these zones are stopped as if a user had. */
const lose = async (zone: string, count: number): Promise<void> => {
  const there = (await world.live()).filter(({ status }) => status.availabilityZone?.endsWith(zone))
  for (const task of there.slice(0, count)) world.crashTask(task)
}

describe('zones', () => {
  const unbalanced = async (availabilityZoneRebalancing: 'ENABLED' | 'DISABLED', more: object = {}): Promise<void> => {
    const network = { awsvpcConfiguration: { subnets: ['subnet-a'] } }
    await world.create(await world.app(), 3, { availabilityZoneRebalancing, networkConfiguration: network, ...more })
    await world.advance(60)
    // The service learns of two zones more, and its tasks die one after another but for those of the first zone.
    await world.widen(['subnet-a', 'subnet-b', 'subnet-c'])
  }

  it('are made even again, one task after the other, when the service is steady', async () => {
    await unbalanced('ENABLED')
    await world.note('the service may use two zones more')
    await world.update({ desiredCount: 4 })
    await world.update({ desiredCount: 3 })
    await world.advance(600)
    expect(since('— the service')).toMatchInlineSnapshot(`
      "
          1:00  — the service may use two zones more
                — UpdateService desiredCount=4
                — UpdateService desiredCount=3
                (service web) has started 1 tasks: (task t4).
                (service web) has stopped 1 pending tasks: (task t4).
                (service web) has started 1 tasks in eu-west-1b to AZ Rebalance: (task t5).
                (service web) has reached a steady state.
                (service web) is not AZ balanced with 3 tasks in eu-west-1a, 0 in eu-west-1b, and 0 in eu-west-1c. AZ Rebalancing in progress.
                = d1 PRIMARY 3/4/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks in eu-west-1a to AZ Rebalance: (task t3).
                (service web) has started 1 tasks in eu-west-1c to AZ Rebalance: (task t6).
                (service web) has reached a steady state.
          2:20  (service web) has stopped 1 running tasks in eu-west-1a to AZ Rebalance: (task t1).
                (service web) has reached a steady state.
                (service web) is AZ balanced with 1 tasks in eu-west-1a, 1 tasks in eu-west-1b, and 1 tasks in eu-west-1c.
                = d1 PRIMARY 3/3/0 COMPLETED
      "
    `)
    expect(await world.zones()).toBe('a1 b1 c1')
  })

  it('stay as they are where rebalancing is off', async () => {
    await unbalanced('DISABLED')
    await world.restart()
    await world.advance(600)
    expect(await world.zones()).toBe('a3')
  })

  it('stay as they are where the maximum leaves no room', async () => {
    await unbalanced('ENABLED', { deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 101 } })
    await world.restart()
    await world.advance(600)
    expect(await world.zones()).toBe('a3')
  })

  it('of tasks that die together are filled evenly again', async () => {
    await world.create(await world.app(), 6)
    await world.advance(120)
    await world.note('zone b is lost')
    await lose('b', 2)
    await world.advance(60)
    expect(await world.zones()).toBe('a2 b2 c2')
    expect(since('— zone')).toMatchInlineSnapshot(`
      "
          2:00  — zone b is lost
                (service web) has started 2 tasks: (task t7) (task t8).
          2:05  (service web) has reached a steady state.
      "
    `)
  })
})

describe('capacity providers', () => {
  const providers = async (): Promise<string> => {
    const names = (await world.live()).map(({ spec }) => spec.capacityProviderName)
    return ['FARGATE', 'FARGATE_SPOT'].map((name) => names.filter((one) => one === name).length).join('/')
  }
  const strategy = (base: number, onDemand: number, spot: number) => ({
    capacityProviderStrategy: [
      { capacityProvider: 'FARGATE', base, weight: onDemand },
      { capacityProvider: 'FARGATE_SPOT', weight: spot },
    ],
  })

  it('get the base first, and the rest by weight', async () => {
    await world.create(await world.app(), 8, strategy(2, 1, 2))
    await world.advance(60)
    expect(await providers()).toBe('4/4')
    await world.update({ desiredCount: 11 })
    await world.advance(60)
    expect(await providers()).toBe('5/6')
  })

  it('keep their shares when tasks are replaced', async () => {
    await world.create(await world.app(), 6, strategy(0, 1, 1))
    await world.advance(60)
    expect(await providers()).toBe('3/3')
    for (const task of await world.live()) {
      if (task.spec.capacityProviderName === 'FARGATE_SPOT') world.crashTask(task)
    }
    await world.advance(60)
    expect(await providers()).toBe('3/3')
  })

  it('are each spread over the zones by themselves, and keep their shares', async () => {
    const network = { awsvpcConfiguration: { subnets: ['subnet-a'] } }
    const even = { availabilityZoneRebalancing: 'ENABLED', networkConfiguration: network } as const
    await world.create(await world.app(), 6, { ...even, ...strategy(0, 1, 1) })
    await world.advance(60)
    await world.widen(['subnet-a', 'subnet-b', 'subnet-c'])
    await world.restart()
    await world.advance(3600)
    const where = (await world.live()).map(
      ({ spec, status }) => `${spec.capacityProviderName} ${status.availabilityZone?.at(-1)}`,
    )
    expect(where.toSorted()).toEqual(
      ['FARGATE', 'FARGATE_SPOT'].flatMap((name) => ['a', 'b', 'c'].map((zone) => `${name} ${zone}`)),
    )
    // Two tasks of each were in the wrong zone: no other has been moved.
    expect(world.story.match(/has stopped 1 running tasks in eu-west-1a to AZ Rebalance/g)).toHaveLength(4)
    expect(world.story.match(/to AZ Rebalance/g)).toHaveLength(8)
  })

  it('of a strategy with one name get everything', async () => {
    await world.create(await world.app(), 3, {
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    })
    await world.advance(60)
    expect(await providers()).toBe('0/3')
  })
})

describe('room', () => {
  /** A host with room for two tasks of a quarter of a CPU and half a gigabyte. */
  const small = async (): Promise<void> => {
    world = (await new ServiceWorld({ pool: { cpuUnits: 512, memoryMiB: 1024 } as never }).begin()) as ServiceWorld
  }

  it('that is missing is told of once, and used when it appears', async () => {
    await small()
    await world.create(await world.app(), 3)
    await world.advance(600)
    await world.update({ desiredCount: 2 })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/2/1 IN_PROGRESS
          0:10  (service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.
         10:00  — UpdateService desiredCount=2
                (service web) has stopped 1 pending tasks: (task t3).
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('holds up a deployment that needs more than there is', async () => {
    await small()
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy()
    await world.advance(300)
    await world.update({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } })
    await world.advance(300)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/0/2 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:10  (service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.
          6:00  — UpdateService at 50/100
                (service web) has stopped 1 running tasks: (task t1).
                = d2 PRIMARY 2/1/1 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          6:40  (service web) has stopped 1 running tasks: (task t2).
                = d2 PRIMARY 2/2/0 IN_PROGRESS
          6:45  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })
})
