// Goal: whatever goes wrong with a launch ends the task with AWS's words, and leaves nothing in the world.
// Method: as in life.test.ts.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '#base/fault.ts'
import { World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await new World().begin()
})
afterEach(() => world.end())

const logsTo = (group: string, more: Record<string, string> = {}) => ({
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': group, 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'p', ...more },
})

describe('a launch fails', () => {
  it('when nobody has the image', async () => {
    world.engine.images.failPulls(
      'nobody/has:this',
      new Fault(
        'not-found',
        'pull image manifest has been retried 1 time(s): failed to resolve ref nobody/has:this: not found',
      ),
    )
    const arn = await world.run([{ name: 'app', image: 'nobody/has:this' }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 task DEPROVISIONING; TaskFailedToStart: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref nobody/has:this: not found; interface DETACHING; app STOPPED: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref nobody/has:this: not found
         0.0 task STOPPED; interface DELETED
      "
    `)
    expect((await world.task(arn))?.status.startedAt).toBeUndefined()
  })

  it('when the entry point is not in the image', async () => {
    const said =
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ' +
      'exec: "nonsense": executable file not found in $PATH: unknown'
    world.script('app', { startFault: () => new Fault('invalid', said) })
    await world.run([{ name: 'app', command: ['nonsense'] }, { name: 'side' }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine create side
         0.0 engine start side
         0.0 task side RUNNING
         0.0 task STOPPING; TaskFailedToStart: CannotStartContainerError: Error: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nonsense": executable file not found in $PATH: unknown; app STOPPED: CannotStartContainerError: Error: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nonsense": executable file not found in $PATH: unknown
         0.0 engine STOP side
         0.0 task DEPROVISIONING; interface DETACHING; side STOPPED (143)
         0.0 engine remove task
         0.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('when the engine keeps failing, and not at its first failure', async () => {
    let failures = 2
    const fault = (): Fault | undefined => (failures-- > 0 ? new Fault('failed', 'out of luck') : undefined)
    world.script('app', { createFault: fault, exitAfterSeconds: 1 })
    await world.run([{ name: 'app' }])
    await world.advance(10)
    failures = Number.POSITIVE_INFINITY
    await world.run([{ name: 'app' }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.3 engine create app
         0.3 engine start app
         0.3 task RUNNING; app RUNNING
         1.3 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (0)
         1.3 engine remove task
         1.3 task STOPPED; interface DELETED
        10.0 task 2 PROVISIONING
        10.0 task 2 PENDING; interface ATTACHING
        10.0 engine prepare task 2
        10.0 task 2 ACTIVATING; interface ATTACHED
        10.7 task 2 DEPROVISIONING; TaskFailedToStart: CannotStartContainerError: Error: failed to create task for container: out of luck; interface DETACHING; app STOPPED: CannotStartContainerError: Error: failed to create task for container: out of luck
        10.7 engine remove task 2
        10.7 task 2 STOPPED; interface DELETED
      "
    `)
  })

  it('when the log group is missing and may not be made', async () => {
    await world.run([{ name: 'app', logConfiguration: logsTo('/missing') }])
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task STOPPED; TaskFailedToStart: ResourceInitializationError: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration.; interface DELETED; app STOPPED
      "
    `)
  })

  it('when it wants something that is not there yet', async () => {
    await world.run([{ name: 'app', secrets: [{ name: 'A', valueFrom: 'parameter' }] }])
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task STOPPED; TaskFailedToStart: ResourceInitializationError: Neargate does not support secrets yet (container app).; interface DELETED; app STOPPED
      "
    `)
  })

  it('when its subnet has no address left', async () => {
    world.crash()
    world = await new World({ subnetCidr: '10.0.1.0/28' }).begin()
    const family = await world.register([{ name: 'app' }])
    const arns = []
    for (let count = 0; count < 12; count++) arns.push(await world.runFamily(family))
    await world.advance(10)
    const ended = (await Promise.all(arns.map((arn) => world.task(arn)))).filter(
      (task) => task?.status.lastStatus === 'STOPPED',
    )
    expect(ended.map((task) => task?.status.stoppedReason)).toMatchInlineSnapshot(`
      [
        "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-a': InsufficientFreeAddressesInSubnet",
      ]
    `)
    for (const arn of arns) await world.stop(arn)
    await world.advance(10)
  })

  it('when its interface cannot be attached', async () => {
    world.network.attach = async () => {
      throw new Fault('invalid', 'no such device')
    }
    await world.run([{ name: 'app' }])
    await world.advance(300)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 task DEPROVISIONING; TaskFailedToStart: Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-a': no such device; interface DETACHING; app STOPPED
         0.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('when its interface is never attached', async () => {
    const attach = world.network.attach.bind(world.network)
    world.network.attach = (plan) => world.clock.sleep(400).then(() => attach(plan))
    await world.run([{ name: 'app' }])
    await world.advance(500)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
       180.0 task DEPROVISIONING; TaskFailedToStart: Timeout waiting for network interface provisioning to complete.; interface DETACHING; app STOPPED
       400.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('a launch fails at once', () => {
  it('when the host cannot give the task its isolation class', async () => {
    const because = 'the isolation class "gvisor" needs runsc, which is not installed; apt-get install runsc'
    world.engine.prepare = async () => {
      throw new Fault('unsupported', because)
    }
    const arn = await world.run([{ name: 'app' }])
    await world.advance(60)
    expect((await world.task(arn))?.status).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: `ResourceInitializationError: ${because}`,
    })
    expect(await world.engine.observe()).toEqual([])
  })
})

describe('a container that is not essential', () => {
  it('may fail to start without harm', async () => {
    world.script('app', { exitAfterSeconds: 10 })
    await world.run([{ name: 'app' }, { name: 'side', essential: false, image: 'nobody/has:this' }])
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 task side STOPPED: CannotPullContainerError: nobody/has:this: not found
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
        10.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (0)
        10.0 engine remove task
        10.0 task STOPPED; interface DELETED
      "
    `)
  })
})

describe('the engine', () => {
  it('loses a running task with its host', async () => {
    const arn = await world.run([{ name: 'app' }, { name: 'side', essential: false }])
    await world.advance(10)
    world.engine.lose((await world.task(arn))?.id ?? '')
    await world.restart()
    await world.advance(10)
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
        10.0 task DEPROVISIONING; InfrastructureHealth: The host lost the task: its containers are no longer known to the container engine.; interface DETACHING; app STOPPED: CannotInspectContainerError: container container is no longer known to the container engine; side STOPPED: CannotInspectContainerError: container container is no longer known to the container engine
        10.0 task STOPPED; interface DELETED
      "
    `)
  })

  it('loses one container of a task', async () => {
    const arn = await world.run([{ name: 'app' }])
    await world.advance(10)
    const id = (await world.task(arn))?.id ?? ''
    const observe = world.engine.observe.bind(world.engine)
    const observeTask = world.engine.observeTask.bind(world.engine)
    world.engine.observe = async () => [{ id, prepared: true, containers: [] }]
    world.engine.observeTask = async () => ({ id, prepared: true, containers: [] })
    // Nobody is told of it: the comparison of records and engine finds it.
    await world.advance(300)
    world.engine.observe = observe
    world.engine.observeTask = observeTask
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
       300.0 task DEPROVISIONING; InfrastructureHealth: The host lost the task: its containers are no longer known to the container engine.; interface DETACHING; app STOPPED: CannotInspectContainerError: container container is no longer known to the container engine
       300.0 engine remove task
       311.3 task STOPPED; interface DELETED
      "
    `)
  })

  it('holds a task that nobody owns, and is told to remove it', async () => {
    await world.engine.prepare({ id: 'f'.repeat(32) } as never)
    await world.restart()
    await world.advance(1)
    expect(await world.engine.observe()).toEqual([])
  })
})

describe('the log group', () => {
  it('is made where awslogs-create-group allows it, with the stream of each container', async () => {
    const arn = await world.run([{ name: 'app', logConfiguration: logsTo('/new', { 'awslogs-create-group': 'true' }) }])
    await world.advance(1)
    const task = await world.task(arn)
    expect([...world.shipper.shipped.values()].map(({ stream, finished }) => ({ ...stream, finished }))).toEqual([
      {
        account: '123456789012',
        region: 'eu-west-1',
        group: '/new',
        stream: `p/app/${task?.id}`,
        finished: false,
      },
    ])
    await world.stop(arn)
    await world.advance(1)
  })
})
