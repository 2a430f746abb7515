// Goal: the host's room is shared honestly: what does not fit is refused or waits, and starts when room appears.
// Method: as in life.test.ts, in a world whose pool holds four of the smallest tasks (256 CPU units, 512 MiB).

import { afterEach, describe, expect, it } from 'vitest'
import { World, type WorldOptions } from './world.ts'

const POOL = { cpuUnits: 1024, memoryMiB: 2048 }
const WORDS = 'Capacity is unavailable at this time. Please try again later or in a different availability zone.'

let world: World
const begin = async (options: WorldOptions = {}): Promise<World> => {
  world = await new World({ pool: POOL, ...options }).begin()
  return world
}
afterEach(() => world.crash())

const request = (family: string, more: object = {}): never =>
  ({
    taskDefinition: family,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
    ...more,
  }) as never

const statesOf = async (arns: readonly string[]): Promise<(string | undefined)[]> => {
  const found = await Promise.all(arns.map((arn) => world.task(arn as never)))
  return found.map((task) => task?.status.lastStatus)
}

describe('RunTask on a host with little room', () => {
  it('starts what fits and tells the rest in failures, in ECS’s words and with what is short', async () => {
    await begin()
    const family = await world.register([{ name: 'app' }])
    const answer = await world.ask('RunTask', request(family, { count: 6 }))
    expect(answer.tasks).toHaveLength(4)
    expect(answer.failures).toEqual([
      { reason: WORDS, detail: 'RESOURCE:MEMORY: the task needs 512 MiB, and 0 are left. See: neargate status' },
      { reason: WORDS, detail: 'RESOURCE:MEMORY: the task needs 512 MiB, and 0 are left. See: neargate status' },
    ])
    await world.advance(1)
    expect(await statesOf((answer.tasks ?? []).map(({ taskArn = '' }) => taskArn))).toEqual(
      Array.from({ length: 4 }, () => 'RUNNING'),
    )
  })

  it('tells that the CPU is short where memory is not', async () => {
    await begin({ pool: { cpuUnits: 256, memoryMiB: 100_000 } })
    const family = await world.register([{ name: 'app' }])
    const answer = await world.ask('RunTask', request(family, { count: 2 }))
    expect(answer.failures?.map(({ detail }) => detail)).toEqual([
      'RESOURCE:CPU: the task needs 256 CPU units, and 0 are left. See: neargate status',
    ])
  })

  it('refuses a task that is larger than the whole pool, and nobody waits for it', async () => {
    await begin()
    const large = await world.register([{ name: 'app' }], { cpu: '1024', memory: '8192' })
    expect((await world.ask('RunTask', request(large))).failures).toHaveLength(1)
    await world.advance(1)
    expect(world.story).toBe('\n\n')
  })

  it('may repeat a request that started nothing with the same token', async () => {
    await begin()
    const family = await world.register([{ name: 'app' }])
    const [first = ''] = (await world.ask('RunTask', request(family, { count: 4 }))).tasks!.map((one) => one.taskArn!)
    const again = request(family, { clientToken: 'one' })
    expect((await world.ask('RunTask', again)).failures).toHaveLength(1)
    await world.stop(first as never)
    await world.advance(60)
    expect((await world.ask('RunTask', again)).tasks).toHaveLength(1)
  })

  it('gives back the room of a request that could not be recorded', async () => {
    await begin()
    const family = await world.register([{ name: 'app' }])
    const write = world.store.write.bind(world.store)
    world.store.write = (work) =>
      write(async (tx) => {
        await work(tx)
        throw new Error('the disk is full')
      })
    await expect(world.ask('RunTask', request(family, { count: 4 }))).rejects.toThrow('the disk is full')
    world.store.write = write
    expect((await world.ask('RunTask', request(family, { count: 4 }))).failures).toEqual([])
  })

  it('counts a task that is on its way out as room to come: the next one waits for it', async () => {
    await begin()
    world.script('app', { ignoresStop: true })
    const family = await world.register([{ name: 'app' }])
    const four = (await world.ask('RunTask', request(family, { count: 4 }))).tasks!.map((one) => one.taskArn!)
    await world.advance(1)
    await world.stop(four[0] as never)
    const next = await world.runFamily(family)
    await world.advance(29)
    expect(await statesOf([next])).toEqual(['PROVISIONING'])
    await world.advance(5)
    expect(await statesOf([next])).toEqual(['RUNNING'])
  })
})

describe('tasks on record that do not fit', () => {
  const HUGE = { cpuUnits: 1_000_000, memoryMiB: 1_000_000 }

  /** A service's tasks are recorded without asking: here by a first control plane that had a large pool. */
  const recorded = async (family: string, count: number): Promise<string[]> =>
    (await world.ask('RunTask', request(family, { count }))).tasks!.map((one) => one.taskArn!)

  it('wait in PROVISIONING, untouched, and start oldest first as room appears', async () => {
    await begin({ pool: HUGE })
    const family = await world.register([{ name: 'app' }])
    world.crash()
    const arns: string[] = []
    for (let second = 0; second < 6; second++) {
      arns.push(...(await recorded(family, 1)))
      await world.advance(1)
    }
    await world.restart({ pool: POOL })
    await world.advance(1)
    expect(await statesOf(arns)).toEqual([
      ...Array.from({ length: 4 }, () => 'RUNNING'),
      'PROVISIONING',
      'PROVISIONING',
    ])
    await world.stop(arns[2] as never)
    await world.advance(5)
    expect(await statesOf(arns)).toEqual(['RUNNING', 'RUNNING', 'STOPPED', 'RUNNING', 'RUNNING', 'PROVISIONING'])
    await world.stop(arns[5] as never)
    await world.advance(1)
    expect(await statesOf(arns.slice(5))).toEqual(['STOPPED'])
  })

  it('keep their room over a crash: nobody is started twice into it', async () => {
    await begin()
    const family = await world.register([{ name: 'app' }])
    await recorded(family, 4)
    await world.advance(1)
    await world.restart()
    expect((await world.ask('RunTask', request(family))).failures).toHaveLength(1)
    expect(world.capacity?.use().onDemand).toEqual({ cpuUnits: 1024, memoryMiB: 2048 })
  })
})
