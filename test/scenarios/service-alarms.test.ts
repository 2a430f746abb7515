// Goal: alarms that go off during a deployment fail it; what does not exist, or was in alarm before, does not count. And
// a service that is deleted goes in good order.
// Method: as in service-count.test.ts, with alarms that the scenario sets.

import { beforeEach, describe, expect, it } from 'vitest'
import { ServiceWorld } from './service-world.ts'
import { SettableAlarms } from './settable-alarms.ts'

let world: ServiceWorld
let alarms: SettableAlarms

const set = async (name: string, isInAlarm: boolean, noticesAfterSeconds = 120): Promise<void> => {
  await world.note(`${name} is ${isInAlarm ? 'in ALARM' : 'OK'}`)
  alarms.set(name, isInAlarm, noticesAfterSeconds)
}

beforeEach(async () => {
  alarms = new SettableAlarms()
  world = (await new ServiceWorld({ asks: { alarms } }).begin()) as ServiceWorld
})

const since = (mark: string): string => world.story.slice(world.story.lastIndexOf('\n', world.story.indexOf(mark)))

const watching = (rollback: boolean) => ({
  deploymentConfiguration: { alarms: { alarmNames: ['errors', 'unknown'], enable: true, rollback } },
})

const alarmsOf = async (at: number) => (await world.deployments())[at]?.progress.alarms

describe('deployment alarms', () => {
  it('fail a deployment and bring the old revision back', async () => {
    await world.create(await world.app(), 2, watching(true))
    await world.advance(60)
    alarms.set('errors', false, 120)
    await world.deploy()
    await world.advance(20)
    await set('errors', true)
    await world.advance(120)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:20  — errors is in ALARM
                (service web) (deployment d2) deployment failed: alarm detected.
                (service web) rolling back to deployment d1.
                (service web) has stopped 2 running tasks: (task t4) (task t3).
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
    expect(await alarmsOf(1)).toMatchInlineSnapshot(`
      {
        "ignored": [],
        "status": "TRIGGERED",
        "triggered": [
          "errors",
        ],
      }
    `)
  })

  it('without rollback: nothing more is started, and what runs goes on', async () => {
    await world.create(await world.app(), 1, watching(false))
    await world.advance(60)
    alarms.set('errors', false, 120)
    await world.deploy()
    await world.advance(20)
    await set('errors', true)
    await world.advance(120)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t2).
                = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          1:20  — errors is in ALARM
                (service web) (deployment d2) deployment failed: alarm detected.
                = d2 PRIMARY 1/1/0 FAILED · d1 ACTIVE 1/1/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks: (task t1).
                = d2 PRIMARY 1/1/0 FAILED
      "
    `)
  })

  it('are given the time to go off before a deployment is complete', async () => {
    await world.create(await world.app(), 1, watching(true))
    await world.advance(60)
    alarms.set('errors', false, 300)
    await world.deploy()
    await world.advance(600)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t2).
                = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks: (task t1).
                = d2 PRIMARY 1/1/0 IN_PROGRESS
          6:40  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('do not count when they were in alarm before', async () => {
    await world.create(await world.app(), 1, watching(true))
    await world.advance(60)
    alarms.set('errors', true, 300)
    await world.deploy()
    await world.advance(120)
    expect((await world.deployments())[1]?.progress.state).toBe('SUCCESSFUL')
    expect((await alarmsOf(1))?.ignored).toEqual(['errors'])
  })

  it('do not count when nobody knows them', async () => {
    await world.create(await world.app(), 1, watching(true))
    await world.advance(60)
    await world.deploy()
    await world.advance(60)
    expect((await world.deployments())[1]?.progress.state).toBe('SUCCESSFUL')
  })
})

describe('a service that is deleted', () => {
  it('drains, and is inactive when its last task has ended', async () => {
    await world.create(await world.app({ stopSeconds: 20 }), 2)
    await world.advance(60)
    await world.note('DeleteService with force')
    await world.ask('DeleteService', { service: 'web', force: true } as never)
    await world.advance(10)
    expect((await world.described()).status).toBe('DRAINING')
    await world.advance(60)
    expect((await world.described()).status).toBe('INACTIVE')
    expect(since('— DeleteService')).toMatchInlineSnapshot(`
      "
          1:00  — DeleteService with force
                (service web) has stopped 2 running tasks: (task t2) (task t1).
                = DRAINING d1 PRIMARY 0/0/0 COMPLETED
          1:20  = INACTIVE d1 PRIMARY 0/0/0 COMPLETED
      "
    `)
  })

  it('in the middle of a deployment takes that with it', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy({ startSeconds: 60 })
    await world.advance(10)
    await world.note('DeleteService with force')
    await world.ask('DeleteService', { service: 'web', force: true } as never)
    await world.advance(120)
    expect((await world.deployments())[1]?.progress).toMatchObject({
      state: 'STOPPED',
      reason: 'Service deployment stopped because the service was deleted.',
    })
    expect(await world.live()).toEqual([])
  })

  it('can be made again under its name', async () => {
    await world.create(await world.app(), 1)
    await world.advance(60)
    await world.ask('DeleteService', { service: 'web', force: true } as never)
    await world.advance(60)
    await world.create(await world.app(), 1)
    await world.advance(60)
    const { status, runningCount, events } = await world.described()
    expect([status, runningCount, events?.length]).toEqual(['ACTIVE', 1, 3])
  })
})
