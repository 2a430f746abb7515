// Goal: a service on Spot lives through interruptions as on AWS: it is told, it replaces, and it waits for room.
// Method: as in service-count.test.ts, in a world whose pool holds four of the smallest tasks; the events that EventBridge
// would carry are written beside, and read where they matter.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { interrupted, isSpot } from '#apis/ecs/model/spot.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { EventController } from '#controllers/events/controller.ts'
import type { EventStore } from '#telemetry/events/event-store.ts'
import { memoryEventStore } from '#telemetry/events/memory/memory-event-store.ts'
import { ServiceWorld } from './service-world.ts'

const POOL = { cpuUnits: 1024, memoryMiB: 2048 }
const SPOT = { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }
/** What may be on Spot, and what must run: two and two of four. */
const HALF = {
  capacityProviderStrategy: [
    { capacityProvider: 'FARGATE', base: 2, weight: 0 },
    { capacityProvider: 'FARGATE_SPOT', weight: 1 },
  ],
}

let world: ServiceWorld
let life: AbortController
let events: EventStore

beforeEach(async () => {
  world = (await new ServiceWorld({ pool: POOL }).begin()) as ServiceWorld
  await world.ask('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [],
  } as never)
  life = new AbortController()
  const { store, clock } = world
  events = memoryEventStore()
  void new EventController({ store, events, clock, random: seededRandom(7), log: silentLog }).run(life.signal)
})
afterEach(() => {
  life.abort()
  world.crash()
})

const onDemand = async (family: string): Promise<void> => {
  await world.note('RunTask on demand')
  await world.runFamily(family)
}

/** What `neargate spot interrupt` does. */
const interrupt = async (count: number): Promise<void> => {
  const chosen = (await world.live()).filter(isSpot).toReversed().slice(0, count)
  await world.note(`${count} Spot tasks get notice`)
  const at = world.clock.now().toISOString()
  await world.store.write(async (tx) => {
    for (const task of chosen) await tx.put(tasks, interrupted(task, at, 120))
  })
}

interface Told {
  readonly 'detail-type': string
  readonly detail: Readonly<Record<string, unknown>>
}
const told = async (type: string): Promise<Told['detail'][]> => {
  const all = await events.read({ account: '123456789012', limit: 10_000 })
  return all
    .map(({ text }) => JSON.parse(text) as Told)
    .filter((event) => event['detail-type'] === type)
    .map(({ detail }) => detail)
}

const providers = (live: readonly TaskRecord[]): string =>
  `${live.filter((task) => !isSpot(task)).length} on demand, ${live.filter(isSpot).length} Spot`

describe('a service on Spot', () => {
  it('replaces an interrupted task on Spot, as soon as there is room', async () => {
    await world.create(await world.app(), 3, SPOT)
    await world.advance(60)
    await interrupt(1)
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 3
                (service web) has started 3 tasks: (task t1) (task t2) (task t3).
                = d1 PRIMARY 3/3/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 3/3/0 COMPLETED
          1:00  — 1 Spot tasks get notice
                (service web) has started 1 tasks: (task t4).
          1:05  (service web) has reached a steady state.
      "
    `)
  })

  it('is interrupted by on-demand work, waits for room, and is whole again when that has ended', async () => {
    await world.create(await world.app(), 4, SPOT)
    await world.advance(60)
    const batch = await world.app({ exitAfterSeconds: 300 })
    await onDemand(batch)
    await onDemand(batch)
    await world.advance(600)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 4
                (service web) has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
                = d1 PRIMARY 4/4/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 4/4/0 COMPLETED
          1:00  — RunTask on demand
                — RunTask on demand
                (service web) has started 1 tasks: (task t5).
                (service web) has started 1 tasks: (task t6).
                = d1 PRIMARY 4/2/2 COMPLETED
          1:10  (service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.
          6:00  = d1 PRIMARY 4/4/0 COMPLETED
          6:05  (service web) has reached a steady state.
      "
    `)
  })

  it('tells on the bus: the notice, the end, and that a task could not be placed', async () => {
    await world.create(await world.app(), 4, SPOT)
    await world.advance(60)
    await onDemand(await world.app())
    await world.advance(60)
    const changes = await told('ECS Task State Change')
    const ends = changes.filter(({ stopCode }) => stopCode !== undefined)
    expect(ends.map(({ lastStatus, desiredStatus, stopCode }) => [lastStatus, desiredStatus, stopCode])).toEqual([
      ['RUNNING', 'STOPPED', 'TerminationNotice'],
      ['STOPPING', 'STOPPED', 'TerminationNotice'],
      ['DEPROVISIONING', 'STOPPED', 'TerminationNotice'],
      ['STOPPED', 'STOPPED', 'SpotInterruption'],
    ])
    expect(await told('ECS Service Action')).toContainEqual(
      expect.objectContaining({
        eventType: 'ERROR',
        eventName: 'SERVICE_TASK_PLACEMENT_FAILURE',
        reason: 'RESOURCE:FARGATE',
        capacityProviderArns: [expect.stringContaining('capacity-provider/FARGATE_SPOT')],
      }),
    )
    expect((await told('ECS Deployment State Change')).map(({ eventName }) => eventName)).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ])
  })

  it('loses every task in a storm, and has them all again', async () => {
    await world.create(await world.app({ stopSeconds: 20 }), 4, SPOT)
    await world.advance(60)
    await interrupt(4)
    await world.advance(120)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 4
                (service web) has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
                = d1 PRIMARY 4/4/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 4/4/0 COMPLETED
          1:00  — 4 Spot tasks get notice
                (service web) has started 4 tasks: (task t5) (task t6) (task t7) (task t8).
                = d1 PRIMARY 4/0/4 COMPLETED
          1:10  (service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.
          1:20  = d1 PRIMARY 4/4/0 COMPLETED
          1:25  (service web) has reached a steady state.
      "
    `)
    expect(providers(await world.live())).toBe('0 on demand, 4 Spot')
  })

  it('protects nobody from interruption: protection is from scale-in and deployments', async () => {
    await world.create(await world.app(), 2, SPOT)
    await world.advance(60)
    const protectedTasks = (await world.live()).map(({ arn }) => arn)
    await world.ask('UpdateTaskProtection', {
      cluster: 'default',
      tasks: protectedTasks,
      protectionEnabled: true,
    } as never)
    await interrupt(2)
    await world.advance(60)
    const ended = await Promise.all(protectedTasks.map((arn) => world.task(arn)))
    expect(ended.map((task) => task?.status.stopCode)).toEqual(['SpotInterruption', 'SpotInterruption'])
    expect(await world.live()).toHaveLength(2)
  })
})

describe('a service with a base on demand and the rest on Spot', () => {
  it('keeps its base, whatever is taken from it', async () => {
    await world.create(await world.app(), 4, HALF)
    await world.advance(60)
    expect(providers(await world.live())).toBe('2 on demand, 2 Spot')
    const batch = await world.app()
    await onDemand(batch)
    await onDemand(batch)
    await world.advance(60)
    const running = (await world.live()).filter(({ status }) => status.lastStatus === 'RUNNING')
    expect(providers(running.filter(({ owner }) => owner !== undefined))).toBe('2 on demand, 0 Spot')
    expect((await world.described()).runningCount).toBe(2)
  })
})
