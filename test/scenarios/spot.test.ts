// Goal: Spot runs on what on-demand leaves free, and gives way as AWS documents: notice, two minutes, SIGKILL.
// Method: as in capacity.test.ts; on-demand tasks arrive while Spot tasks hold the room.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TaskArn } from '#aws/arn.ts'
import { World } from './world.ts'

const POOL = { cpuUnits: 1024, memoryMiB: 2048 }
const SPOT = { launchType: undefined, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }

let world: World
let family: string
beforeEach(async () => {
  world = await new World({ pool: POOL }).begin()
  await world.ask('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [],
  } as never)
  family = await world.register([{ name: 'app' }])
})
afterEach(() => world.crash())

const runSpot = (): Promise<TaskArn> => world.runFamily(family, SPOT)
const states = async (arns: readonly TaskArn[]): Promise<(string | undefined)[]> =>
  (await Promise.all(arns.map((arn) => world.task(arn)))).map((task) => task?.status.lastStatus)
const failuresOf = async (more: object): Promise<unknown[] | undefined> =>
  (
    await world.ask('RunTask', {
      taskDefinition: family,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
      ...more,
    } as never)
  ).failures

const several = async (count: number): Promise<TaskArn[]> => {
  const arns: TaskArn[] = []
  for (let index = 0; index < count; index++) {
    arns.push(await runSpot())
    await world.advance(1)
  }
  return arns
}

describe('an on-demand task that needs room', () => {
  it('pushes the youngest Spot task out: SIGTERM at once, and the room is its own when that has stopped', async () => {
    await several(4)
    world.diary.lines.length = 0
    await world.runFamily(family)
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
         4.0 task 5 PROVISIONING
         4.0 task 4 asked to stop
         4.0 task 4 STOPPING; SpotInterruption: Your Spot Task was interrupted.
         4.0 engine STOP app
         4.0 task 4 DEPROVISIONING; interface DETACHING; app STOPPED (143)
         4.0 engine remove task 4
         4.0 task 4 STOPPED; interface DELETED
         4.0 task 5 PENDING; interface ATTACHING
         4.0 engine prepare task 5
         4.0 task 5 ACTIVATING; interface ATTACHED
         4.0 engine create app
         4.0 engine start app
         4.0 task 5 RUNNING; app RUNNING
      "
    `)
  })

  it('waits two minutes for a Spot task that ignores SIGTERM, whatever its stopTimeout', async () => {
    world.script('deaf', { ignoresStop: true })
    family = await world.register([{ name: 'deaf', stopTimeout: 2 }])
    await several(4)
    family = await world.register([{ name: 'app' }])
    world.diary.lines.length = 0
    await world.runFamily(family)
    await world.advance(200)
    expect(world.story).toMatchInlineSnapshot(`
      "
         4.0 task 5 PROVISIONING
         4.0 task 4 asked to stop
         4.0 task 4 STOPPING; SpotInterruption: Your Spot Task was interrupted.
         4.0 engine STOP deaf
       124.0 engine KILL deaf
       124.0 task 4 DEPROVISIONING; interface DETACHING; deaf STOPPED (137)
       124.0 engine remove task 4
       124.0 task 4 STOPPED; interface DELETED
       124.0 task 5 PENDING; interface ATTACHING
       124.0 engine prepare task 5
       124.0 task 5 ACTIVATING; interface ATTACHED
       124.0 engine create app
       124.0 engine start app
       124.0 task 5 RUNNING; app RUNNING
      "
    `)
  })

  it('shows the interrupted task under notice, then interrupted, in ECS’s words', async () => {
    world.script('deaf', { ignoresStop: true })
    family = await world.register([{ name: 'deaf' }])
    const [, , , youngest] = await several(4)
    await world.runFamily(family)
    const shown = async (): Promise<object> => {
      const { tasks: [task] = [] } = await world.ask('DescribeTasks', { tasks: [youngest] } as never)
      const { desiredStatus, stopCode, stoppedReason } = task!
      return { desiredStatus, stopCode, stoppedReason }
    }
    await world.advance(1)
    const stoppedReason = 'Your Spot Task was interrupted.'
    expect(await shown()).toEqual({ desiredStatus: 'STOPPED', stopCode: 'TerminationNotice', stoppedReason })
    await world.advance(130)
    expect(await shown()).toEqual({ desiredStatus: 'STOPPED', stopCode: 'SpotInterruption', stoppedReason })
  })

  it('takes no more than it needs, and never another on-demand task', async () => {
    const onDemand = await world.runFamily(family)
    const spot = await several(3)
    const large = await world.register([{ name: 'app' }], { cpu: '512', memory: '1024' })
    const later = await world.runFamily(large)
    await world.advance(5)
    expect(await states([onDemand, ...spot, later])).toEqual(['RUNNING', 'RUNNING', 'STOPPED', 'STOPPED', 'RUNNING'])
  })

  it('is refused when not even all of Spot would make room, and nobody is interrupted for it', async () => {
    const spot = await several(1)
    for (let index = 0; index < 3; index++) await world.runFamily(family)
    await world.advance(1)
    const large = await world.register([{ name: 'app' }], { cpu: '512', memory: '1024' })
    expect(await failuresOf({ taskDefinition: large, launchType: 'FARGATE' })).toHaveLength(1)
    expect(await states(spot)).toEqual(['RUNNING'])
  })

  it('spares the small ones when the large one that must go in any case is enough', async () => {
    const large = await world.register([{ name: 'app' }], { cpu: '512', memory: '1024' })
    const big = await world.runFamily(large, SPOT)
    await world.advance(1)
    const [small] = await several(1)
    await world.runFamily(family)
    const wanted = await world.runFamily(large)
    await world.advance(5)
    expect(await states([big, small!, wanted])).toEqual(['STOPPED', 'RUNNING', 'RUNNING'])
  })
})

describe('a Spot task', () => {
  it('is refused where nothing is free, and interrupts nobody', async () => {
    for (let index = 0; index < 4; index++) await world.runFamily(family)
    await world.advance(1)
    expect(await failuresOf(SPOT)).toHaveLength(1)
  })

  it('waits behind every on-demand task, however old it is', async () => {
    world.crash()
    const spot = await runSpot()
    await world.advance(1)
    const onDemand = [await world.runFamily(family), await world.runFamily(family)]
    await world.restart({ pool: { cpuUnits: 512, memoryMiB: 1024 } })
    await world.advance(1)
    expect(await states([spot, ...onDemand])).toEqual(['PROVISIONING', 'RUNNING', 'RUNNING'])
    await world.stop(onDemand[0]!)
    await world.advance(5)
    expect(await states([spot])).toEqual(['RUNNING'])
  })

  it('does not slip into the room that an on-demand task was promised', async () => {
    world.script('slow', { stopSeconds: 60 })
    family = await world.register([{ name: 'slow' }])
    await several(4)
    const large = await world.register([{ name: 'app' }], { cpu: '1024', memory: '2048' })
    const wanted = await world.runFamily(large)
    await world.advance(1)
    expect(await failuresOf(SPOT)).toHaveLength(1)
    await world.advance(65)
    expect(await states([wanted])).toEqual(['RUNNING'])
  })

  it('has notice given again by the next control plane, when this one dies before it is on record', async () => {
    await several(4)
    const wanted = await world.runFamily(family)
    await world.restart()
    await world.advance(5)
    expect(await states([wanted])).toEqual(['RUNNING'])
  })
})

describe('a Spot storm', () => {
  it('forty on-demand tasks take the room of forty Spot tasks, each of which gets its notice', async () => {
    await world.restart({ pool: { cpuUnits: 40 * 256, memoryMiB: 40 * 512 } })
    const spot = await several(40)
    const onDemand: TaskArn[] = []
    for (let index = 0; index < 40; index++) onDemand.push(await world.runFamily(family))
    await world.advance(150)
    expect(new Set(await states(onDemand))).toEqual(new Set(['RUNNING']))
    const ended = await Promise.all(spot.map((arn) => world.task(arn)))
    expect(new Set(ended.map((task) => task?.status.stopCode))).toEqual(new Set(['SpotInterruption']))
    expect(world.capacity?.use()).toMatchObject({ spot: { memoryMiB: 0 }, waitingOnDemand: 0, waitingSpot: 0 })
  })
})
