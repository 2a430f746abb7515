// Goal: containers start and stop in the order that dependsOn asks for, and a task fails when that cannot be.
// Method: as in life.test.ts.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await new World().begin()
})
afterEach(() => world.end())

const dependsOn = (containerName: string, condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY') => [
  { containerName, condition },
]
const check = { command: ['CMD-SHELL', 'true'], interval: 10, retries: 2 }
const sick = () => ({ exitCode: 1, output: 'no' })

/** Runs for so long, asks the task to stop, and lets it end. */
const storyOf = async (arn: Awaited<ReturnType<World['run']>>, seconds = 60): Promise<string> => {
  await world.advance(seconds)
  await world.stop(arn)
  await world.advance(60)
  return world.story
}

describe('dependsOn START', () => {
  it('starts a container after another has started, and stops it before', async () => {
    world.script('db', { startSeconds: 3 })
    const arn = await world.run([{ name: 'app', dependsOn: dependsOn('db', 'START') }, { name: 'db' }])
    expect(await storyOf(arn)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine create db
         3.0 engine start db
         3.0 engine start app
         3.0 task db RUNNING
         3.0 task RUNNING; app RUNNING
        60.0 task asked to stop
        60.0 task STOPPING; UserInitiated: enough
        60.0 engine STOP app
        60.0 task app STOPPED (143)
        60.0 engine STOP db
        60.0 task DEPROVISIONING; interface DETACHING; db STOPPED (143)
        60.0 engine remove task
        60.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('is met by a container that has run and ended', async () => {
    world.script('init', { exitAfterSeconds: 0 })
    const arn = await world.run([
      { name: 'app', dependsOn: dependsOn('init', 'START') },
      { name: 'init', essential: false },
    ])
    expect(await storyOf(arn)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine create init
         0.0 engine start init
         0.0 engine start app
         0.0 task init RUNNING
         0.0 task RUNNING; app RUNNING
         0.0 task init STOPPED (0)
        60.0 task asked to stop
        60.0 task STOPPING; UserInitiated: enough
        60.0 engine STOP app
        60.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
        60.0 engine remove task
        60.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('dependsOn COMPLETE', () => {
  it('waits for the end, whatever the exit code', async () => {
    world.script('init', { exitAfterSeconds: 7, exitCode: 9 })
    const arn = await world.run([
      { name: 'init', essential: false },
      { name: 'app', dependsOn: dependsOn('init', 'COMPLETE') },
    ])
    expect(await storyOf(arn)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create init
         0.0 engine start init
         0.0 task init RUNNING
         7.0 task init STOPPED (9)
         7.0 engine create app
         7.0 engine start app
         7.0 task RUNNING; app RUNNING
        60.0 task asked to stop
        60.0 task STOPPING; UserInitiated: enough
        60.0 engine STOP app
        60.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
        60.0 engine remove task
        60.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('gives up after startTimeout', async () => {
    await world.run([
      { name: 'init', essential: false, startTimeout: 5 },
      { name: 'app', dependsOn: dependsOn('init', 'COMPLETE') },
    ])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create init
         0.0 engine start init
         0.0 task init RUNNING
         5.0 task STOPPING; TaskFailedToStart: TaskDependencyError: Task dependencies cannot be resolved, taskArn: arn:aws:ecs:eu-west-1:123456789012:task/default/task; app STOPPED: dependency graph: container ordering dependency [init] for target [app] has timed out.
         5.0 engine STOP init
         5.0 task DEPROVISIONING; interface DETACHING; init STOPPED (143)
         5.0 engine remove task
         5.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('dependsOn SUCCESS', () => {
  it('waits for exit code 0', async () => {
    world.script('init', { exitAfterSeconds: 7 })
    const arn = await world.run([
      { name: 'init', essential: false },
      { name: 'app', dependsOn: dependsOn('init', 'SUCCESS') },
    ])
    expect(await storyOf(arn)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create init
         0.0 engine start init
         0.0 task init RUNNING
         7.0 task init STOPPED (0)
         7.0 engine create app
         7.0 engine start app
         7.0 task RUNNING; app RUNNING
        60.0 task asked to stop
        60.0 task STOPPING; UserInitiated: enough
        60.0 engine STOP app
        60.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
        60.0 engine remove task
        60.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('fails the task at any other', async () => {
    world.script('init', { exitAfterSeconds: 7, exitCode: 1 })
    const arn = await world.run([
      { name: 'init', essential: false },
      { name: 'app', dependsOn: dependsOn('init', 'SUCCESS') },
    ])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create init
         0.0 engine start init
         0.0 task init RUNNING
         7.0 task DEPROVISIONING; TaskFailedToStart: TaskDependencyError: Task dependencies cannot be resolved, taskArn: arn:aws:ecs:eu-west-1:123456789012:task/default/task; interface DETACHING; init STOPPED (1); app STOPPED: dependency graph: container ordering dependency [init] for target [app] did not exit successfully.
         7.0 engine remove task
         7.0 task STOPPED; interface DELETED
      "
    `)
    expect((await world.task(arn))?.status.containers[1]?.reason).toMatchInlineSnapshot(
      `"dependency graph: container ordering dependency [init] for target [app] did not exit successfully."`,
    )
  })
})

describe('dependsOn HEALTHY', () => {
  it('waits for the first success, which is looked for from the beginning', async () => {
    let exitCode = 1
    world.script('db', { exec: () => ({ exitCode, output: '' }) })
    const arn = await world.run([
      { name: 'db', healthCheck: check },
      { name: 'app', dependsOn: dependsOn('db', 'HEALTHY') },
    ])
    await world.advance(1.2)
    exitCode = 0
    expect(await storyOf(arn)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create db
         0.0 engine start db
         0.0 task db RUNNING
         2.0 task db HEALTHY
         2.0 engine create app
         2.0 engine start app
         2.0 task RUNNING; app RUNNING
        61.2 task asked to stop
        61.2 task STOPPING; UserInitiated: enough
        61.2 engine STOP app
        61.2 task app STOPPED (143)
        61.2 engine STOP db
        61.2 task DEPROVISIONING; interface DETACHING; db STOPPED (143)
        61.2 engine remove task
        61.2 task STOPPED; interface DELETED
      "
    `)
  })

  it('fails the task when the dependency ends first', async () => {
    world.script('db', { exec: sick, exitAfterSeconds: 4, exitCode: 2 })
    await world.run([
      { name: 'db', essential: false, healthCheck: check },
      { name: 'app', dependsOn: dependsOn('db', 'HEALTHY') },
    ])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create db
         0.0 engine start db
         0.0 task db RUNNING
         4.0 task DEPROVISIONING; TaskFailedToStart: TaskDependencyError: Task dependencies cannot be resolved, taskArn: arn:aws:ecs:eu-west-1:123456789012:task/default/task; interface DETACHING; db STOPPED (2); app STOPPED: dependency graph: container ordering dependency [db] for target [app] stopped before it was healthy.
         4.0 engine remove task
         4.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('gives up after startTimeout', async () => {
    world.script('db', { exec: sick })
    await world.run([
      { name: 'db', healthCheck: check, startTimeout: 25 },
      { name: 'app', dependsOn: dependsOn('db', 'HEALTHY') },
    ])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create db
         0.0 engine start db
         0.0 task db RUNNING
        20.0 task db UNHEALTHY
        25.0 task STOPPING; TaskFailedToStart: TaskDependencyError: Task dependencies cannot be resolved, taskArn: arn:aws:ecs:eu-west-1:123456789012:task/default/task; app STOPPED: dependency graph: container ordering dependency [db] for target [app] has timed out.
        25.0 engine STOP db
        25.0 task DEPROVISIONING; interface DETACHING; db STOPPED (143)
        25.0 engine remove task
        25.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('a chain', () => {
  it('is started link by link and stopped in reverse, each with its own patience', async () => {
    world.script('c', { stopSeconds: 3 })
    world.script('b', { ignoresStop: true })
    const arn = await world.run([
      { name: 'a' },
      { name: 'b', dependsOn: dependsOn('a', 'START'), stopTimeout: 5 },
      { name: 'c', dependsOn: dependsOn('b', 'START') },
    ])
    expect(await storyOf(arn, 10)).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create a
         0.0 engine create b
         0.0 engine create c
         0.0 engine start a
         0.0 engine start b
         0.0 task a RUNNING
         0.0 engine start c
         0.0 task RUNNING; b RUNNING; c RUNNING
        10.0 task asked to stop
        10.0 task STOPPING; UserInitiated: enough
        10.0 engine STOP c
        13.0 task c STOPPED (143)
        13.0 engine STOP b
        18.0 engine KILL b
        18.0 task b STOPPED (137)
        18.0 engine STOP a
        18.0 task DEPROVISIONING; interface DETACHING; a STOPPED (143)
        18.0 engine remove task
        18.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('fails as a whole when a link can never start', async () => {
    await world.run([
      { name: 'a', image: 'nobody/has:this', essential: false },
      { name: 'b', dependsOn: dependsOn('a', 'START'), essential: false },
      { name: 'c', dependsOn: dependsOn('b', 'START') },
    ])
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 task DEPROVISIONING; TaskFailedToStart: TaskDependencyError: Task dependencies cannot be resolved, taskArn: arn:aws:ecs:eu-west-1:123456789012:task/default/task; interface DETACHING; a STOPPED: CannotPullContainerError: nobody/has:this: not found; b STOPPED: dependency graph: container ordering dependency [a] for target [b] will never start.; c STOPPED
         0.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('volumesFrom', () => {
  it('gives a container the mounts of another, read-only where asked', async () => {
    const arn = await world.run(
      [
        { name: 'data', mountPoints: [{ sourceVolume: 'v', containerPath: '/data' }] },
        { name: 'app', volumesFrom: [{ sourceContainer: 'data', readOnly: true }] },
      ],
      { volumes: [{ name: 'v' }] },
    )
    const created: unknown[] = []
    const create = world.engine.create.bind(world.engine)
    world.engine.create = async (container) => {
      created.push([container.name, container.mounts])
      return create(container)
    }
    await world.advance(1)
    expect(created).toEqual([
      ['data', [{ volume: 'v', path: '/data', readOnly: false }]],
      ['app', [{ volume: 'v', path: '/data', readOnly: true }]],
    ])
    await world.stop(arn)
    await world.advance(1)
  })

  it('makes the container first whose image may declare the volumes, in whatever order they are defined', async () => {
    const arn = await world.run([
      { name: 'app', volumesFrom: [{ sourceContainer: 'data' }] },
      { name: 'data', essential: false },
      { name: 'one', volumesFrom: [{ sourceContainer: 'other' }] },
      { name: 'other', volumesFrom: [{ sourceContainer: 'one' }] },
    ])
    await world.advance(1)
    const made = world.diary.lines.flatMap((line) => /engine create (\w+)/.exec(line)?.[1] ?? [])
    expect(made.indexOf('data')).toBeLessThan(made.indexOf('app'))
    expect(made.toSorted()).toEqual(['app', 'data', 'one', 'other'])
    await world.stop(arn)
    await world.advance(1)
  })
})
