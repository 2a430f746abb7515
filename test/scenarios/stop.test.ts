// Goal: StopTask ends a task from every state it can be in, gently first.
// Method: as in life.test.ts; slow pulls, creations, starts and networks hold the task in the state that is meant.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RegistryCredentials } from '#engine/engine.ts'
import { World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await new World().begin()
})
afterEach(() => world.end())

const slowPull = (seconds: number): void => {
  const { images } = world.engine
  const pull = images.pull.bind(images)
  images.pull = async (reference: string, credentials?: RegistryCredentials, signal?: AbortSignal) => {
    await world.clock.sleep(seconds, signal)
    if (signal?.aborted === true) throw new Error('aborted')
    return pull(reference, credentials)
  }
}

const slowAttach = (seconds: number): void => {
  const attach = world.network.attach.bind(world.network)
  world.network.attach = (plan) => world.clock.sleep(seconds).then(() => attach(plan))
}

const storyOf = async (containers: Parameters<World['run']>[0], stopAfter: number): Promise<string> => {
  const arn = await world.run(containers)
  await world.advance(stopAfter)
  await world.stop(arn)
  await world.advance(300)
  return world.story
}

describe('StopTask', () => {
  it('in PROVISIONING: nothing has been made yet', async () => {
    const arn = await world.run([{ name: 'app' }])
    await world.stop(arn)
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task asked to stop
         0.0 task STOPPED; UserInitiated: enough; interface DELETED; app STOPPED
      "
    `)
  })

  it('in PENDING: the interface is on its way', async () => {
    slowAttach(10)
    expect(await storyOf([{ name: 'app' }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         5.0 task asked to stop
         5.0 task DEPROVISIONING; UserInitiated: enough; interface DETACHING; app STOPPED
        10.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in ACTIVATING: the image is on its way, and the pull is broken off', async () => {
    slowPull(100)
    expect(await storyOf([{ name: 'app' }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         5.0 task asked to stop
         5.0 task DEPROVISIONING; UserInitiated: enough; interface DETACHING; app STOPPED
         5.0 engine remove task
         5.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in ACTIVATING: a container is being made, and is never started', async () => {
    world.script('app', { createSeconds: 10 })
    expect(await storyOf([{ name: 'app' }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         5.0 task asked to stop
         5.0 task STOPPING; UserInitiated: enough
        10.0 engine create app
        10.0 task DEPROVISIONING; interface DETACHING; app STOPPED
        10.0 engine remove task
        10.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in ACTIVATING: one container runs and another is starting', async () => {
    world.script('slow', { startSeconds: 10 })
    expect(await storyOf([{ name: 'fast' }, { name: 'slow' }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create fast
         0.0 engine create slow
         0.0 engine start fast
         0.0 task fast RUNNING
         5.0 task asked to stop
         5.0 task STOPPING; UserInitiated: enough
         5.0 engine STOP fast
         5.0 task fast STOPPED (143)
        10.0 engine start slow
        10.0 task slow RUNNING
        10.0 engine STOP slow
        10.0 task DEPROVISIONING; interface DETACHING; slow STOPPED (143)
        10.0 engine remove task
        10.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in RUNNING: with the stop signal', async () => {
    world.script('app', { stopSeconds: 4, stopExitCode: 0 })
    expect(await storyOf([{ name: 'app' }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task asked to stop
         5.0 task STOPPING; UserInitiated: enough
         5.0 engine STOP app
         9.0 task DEPROVISIONING; interface DETACHING; app STOPPED (0)
         9.0 engine remove task
         9.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in RUNNING: a container that ignores the signal is killed after 30 s', async () => {
    world.script('app', { ignoresStop: true })
    expect(await storyOf([{ name: 'app' }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task asked to stop
         5.0 task STOPPING; UserInitiated: enough
         5.0 engine STOP app
        35.0 engine KILL app
        35.0 task DEPROVISIONING; interface DETACHING; app STOPPED (137)
        35.0 engine remove task
        35.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in RUNNING: or after its own stopTimeout', async () => {
    world.script('app', { ignoresStop: true })
    expect(await storyOf([{ name: 'app', stopTimeout: 120 }], 5)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task asked to stop
         5.0 task STOPPING; UserInitiated: enough
         5.0 engine STOP app
       125.0 engine KILL app
       125.0 task DEPROVISIONING; interface DETACHING; app STOPPED (137)
       125.0 engine remove task
       125.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in STOPPING: the first cause stays', async () => {
    world.script('app', { exitAfterSeconds: 5 })
    world.script('side', { stopSeconds: 10 })
    expect(await storyOf([{ name: 'app' }, { name: 'side' }], 8)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine create side
         0.0 engine start app
         0.0 engine start side
         0.0 task RUNNING; app RUNNING; side RUNNING
         5.0 task STOPPING; EssentialContainerExited: Essential container in task exited; app STOPPED (0)
         5.0 engine STOP side
         8.0 task asked to stop
        15.0 task DEPROVISIONING; interface DETACHING; side STOPPED (143)
        15.0 engine remove task
        15.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('in STOPPED: changes nothing', async () => {
    world.script('app', { exitAfterSeconds: 5 })
    expect(await storyOf([{ name: 'app' }], 8)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (0)
         5.0 engine remove task
         5.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('a slow pull', () => {
  it('holds the task in ACTIVATING, and other containers start meanwhile', async () => {
    world.engine.images.register('big')
    const { images } = world.engine
    const pull = images.pull.bind(images)
    images.pull = async (reference, credentials) => {
      if (reference === 'big') await world.clock.sleep(60)
      return pull(reference, credentials)
    }
    const arn = await world.run([{ name: 'app', image: 'big' }, { name: 'side' }])
    await world.advance(90)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create side
         0.0 engine start side
         0.0 task side RUNNING
        60.0 engine create app
        60.0 engine start app
        60.0 task RUNNING; app RUNNING
      "
    `)
    const { pullStartedAt, pullStoppedAt } = (await world.task(arn))?.status ?? {}
    expect([pullStartedAt, pullStoppedAt]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z'])
    await world.stop(arn)
    await world.advance(10)
  })
})
