// Goal: a task's life, from RunTask to STOPPED, in every variant that its containers can give it.
// Method: real operations and controllers, fake engine and network, simulated time; the diary is the expectation, and
// afterwards nothing may be left in the world.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await new World().begin()
})
afterEach(() => world.end())

describe('a task', () => {
  it('runs until its only container exits', async () => {
    world.script('app', { exitAfterSeconds: 10, exitCode: 3 })
    const arn = await world.run([{ name: 'app' }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
        10.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (3)
        10.0 engine remove task
        10.0 task STOPPED; interface DELETED
      "
    `)
    expect((await world.task(arn))?.status).toMatchObject({
      startedAt: '2026-01-01T00:00:00.000Z',
      executionStoppedAt: '2026-01-01T00:00:10.000Z',
      stoppingAt: '2026-01-01T00:00:10.000Z',
      stoppedAt: '2026-01-01T00:00:10.000Z',
      pullStartedAt: '2026-01-01T00:00:00.000Z',
      pullStoppedAt: '2026-01-01T00:00:00.000Z',
    })
  })

  it('shows its interface in its attachment', async () => {
    const arn = await world.run([{ name: 'app' }])
    await world.advance(1)
    const task = await world.task(arn)
    expect(task?.status.attachment.status).toBe('ATTACHED')
    expect(task?.status.attachment.details.map(({ name }) => name)).toEqual([
      'subnetId',
      'networkInterfaceId',
      'macAddress',
      'privateDnsName',
      'privateIPv4Address',
    ])
    await world.stop(arn)
    await world.advance(1)
    expect((await world.task(arn))?.status.attachment.status).toBe('DELETED')
  })

  it('ends with its essential container and takes the others along', async () => {
    world.script('app', { exitAfterSeconds: 5 })
    world.script('side', { stopSeconds: 2, stopExitCode: 0 })
    await world.run([{ name: 'app' }, { name: 'side', essential: false }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
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
         7.0 task DEPROVISIONING; interface DETACHING; side STOPPED (0)
         7.0 engine remove task
         7.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('goes on when a container exits that is not essential', async () => {
    world.script('side', { exitAfterSeconds: 5, exitCode: 1 })
    world.script('app', { exitAfterSeconds: 20 })
    await world.run([{ name: 'app' }, { name: 'side', essential: false }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
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
         5.0 task side STOPPED (1)
        20.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (0)
        20.0 engine remove task
        20.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('is told that the kernel killed a container for its memory', async () => {
    world.script('app', { exitAfterSeconds: 5, exitCode: 137, oomKilled: true })
    await world.run([{ name: 'app' }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (137): OutOfMemoryError: Container killed due to memory usage
         5.0 engine remove task
         5.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('is forgotten an hour after it stopped', async () => {
    world.script('app', { exitAfterSeconds: 5 })
    const arn = await world.run([{ name: 'app' }])
    await world.advance(3600)
    expect(await world.task(arn)).toBeDefined()
    await world.advance(70)
    expect(await world.task(arn)).toBeUndefined()
    expect(world.diary.lines.at(-1)).toMatchInlineSnapshot(`"3605.0 task forgotten"`)
  })

  it('waits with its end until its last lines are stored', async () => {
    world.script('app', { exitAfterSeconds: 5 })
    await world.run([{ name: 'app', logConfiguration: LOGS }])
    await world.advance(1)
    world.shipper.hold()
    await world.advance(60)
    world.shipper.release()
    await world.advance(1)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task STOPPING; EssentialContainerExited: Essential container in task exited; app STOPPED (0)
        61.0 task DEPROVISIONING; interface DETACHING
        61.0 engine remove task
        61.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('does not wait for a log store that refuses for ever', async () => {
    world.script('app', { exitAfterSeconds: 5 })
    await world.run([{ name: 'app', logConfiguration: LOGS }])
    await world.advance(1)
    world.shipper.hold()
    await world.advance(600)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
         5.0 task STOPPING; EssentialContainerExited: Essential container in task exited; app STOPPED (0)
       305.0 task DEPROVISIONING; interface DETACHING
       305.0 engine remove task
       305.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('a restart policy', () => {
  it('starts a container again that ran long enough, without replacing the task', async () => {
    world.script('app', { exitAfterSeconds: 100, exitCode: 1 })
    const restartPolicy = { enabled: true, restartAttemptPeriod: 60 }
    const arn = await world.run([{ name: 'app', restartPolicy }])
    await world.advance(250)
    await world.stop(arn)
    await world.advance(1)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
       100.0 task app PENDING (1); app restart 1
       100.0 engine create app
       100.0 engine start app
       100.0 task app RUNNING
       200.0 task app PENDING (1); app restart 2
       200.0 engine create app
       200.0 engine start app
       200.0 task app RUNNING
       250.0 task asked to stop
       250.0 task STOPPING; UserInitiated: enough
       250.0 engine STOP app
       250.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
       250.0 engine remove task
       250.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('leaves a container to lie that ended too soon', async () => {
    world.script('app', { exitAfterSeconds: 59, exitCode: 1 })
    await world.run([{ name: 'app', restartPolicy: { enabled: true, restartAttemptPeriod: 60 } }])
    await world.advance(120)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
        59.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (1)
        59.0 engine remove task
        59.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('leaves an ignored exit code alone', async () => {
    world.script('app', { exitAfterSeconds: 400, exitCode: 0 })
    await world.run([{ name: 'app', restartPolicy: { enabled: true, ignoredExitCodes: [0] } }])
    await world.advance(500)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
       400.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (0)
       400.0 engine remove task
       400.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('lets a container that is not essential crash until it gives up', async () => {
    world.script('side', { exitAfterSeconds: 70, exitCode: 1 })
    const restartPolicy = { enabled: true, restartAttemptPeriod: 60 }
    const arn = await world.run([{ name: 'app' }, { name: 'side', essential: false, restartPolicy }])
    await world.advance(150)
    // Its next life is short.
    world.script('side', { exitAfterSeconds: 5, exitCode: 1 })
    await world.advance(150)
    await world.stop(arn)
    await world.advance(1)
    expect(world.story).toMatchInlineSnapshot(`
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
        70.0 task side PENDING (1); side restart 1
        70.0 engine create side
        70.0 engine start side
        70.0 task side RUNNING
       140.0 task side PENDING (1); side restart 2
       140.0 engine create side
       140.0 engine start side
       140.0 task side RUNNING
       210.0 task side PENDING (1); side restart 3
       210.0 engine create side
       210.0 engine start side
       210.0 task side RUNNING
       215.0 task side STOPPED (1)
       300.0 task asked to stop
       300.0 task STOPPING; UserInitiated: enough
       300.0 engine STOP app
       300.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
       300.0 engine remove task
       300.0 task STOPPED; interface DELETED
      "
    `)
  })
})

const LOGS = {
  logDriver: 'awslogs',
  options: {
    'awslogs-group': '/app',
    'awslogs-region': 'eu-west-1',
    'awslogs-stream-prefix': 'p',
    'awslogs-create-group': 'true',
  },
} as const
