// Goal: whatever ends a task behind a load balancer, its target groups let go of it before it is told to stop; and a
// service may be in several target groups.
// Method: real controllers in simulated time; a fake load balancer to whose targets somebody always still talks, so that
// a task serves on for the whole deregistration delay: AWS's 300 seconds.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html

import { beforeEach, describe, expect, it } from 'vitest'
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { tasks } from '#apis/ecs/tables.ts'
import { targets } from '#apis/elbv2/tables.ts'
import type { TaskArn } from '#aws/arn.ts'
import { addressOf, BalancedWorld, PORT, PORTS } from './balanced-world.ts'
import { SUBNETS } from './service-world.ts'

const DELAY_SECONDS = 300

let world: BalancedWorld
let isSick = false

beforeEach(async () => {
  isSick = false
  world = (await new BalancedWorld().begin()) as BalancedWorld
})

/** A container "app" that serves and one beside it. Returns the family. */
const pair = (): Promise<string> => {
  world.script('app', { exec: () => ({ exitCode: isSick ? 1 : 0, output: '' }) })
  return world.register([
    { name: 'app', ...PORTS, healthCheck: { command: ['CMD', 'check'], interval: 5, retries: 2 } },
    { name: 'beside', portMappings: [{ containerPort: PORT + 1 }] },
  ])
}

const attached = (group = 0, containerName = 'app', containerPort = PORT): LoadBalancer => ({
  targetGroupArn: world.groups[group] ?? '',
  containerName,
  containerPort,
})

const external = async (): Promise<void> => {
  await world.ask('CreateService', {
    serviceName: 'web',
    desiredCount: 1,
    deploymentController: { type: 'EXTERNAL' },
  } as never)
  await world.ask('CreateTaskSet', {
    cluster: 'default',
    service: 'web',
    taskDefinition: await pair(),
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: SUBNETS } },
    loadBalancers: [attached()],
    scale: { unit: 'PERCENT', value: 100 },
  } as never)
}

const ofEcs = async (loadBalancers: LoadBalancer[] = [attached()]): Promise<void> =>
  world.create(await pair(), 1, { loadBalancers })

const setOf = async (): Promise<{ cluster: string; service: string; taskSet: string | undefined }> => ({
  cluster: 'default',
  service: 'web',
  taskSet: (await world.described()).taskSets?.[0]?.taskSetArn,
})

const statusOf = async (arn: TaskArn): Promise<string | undefined> => (await world.task(arn))?.status.lastStatus

const drains = async (): Promise<readonly string[]> =>
  (await world.store.read((reader) => reader.list(targets)))
    .filter(({ spec }) => spec.deregisteredAt !== undefined)
    .map(({ id, port }) => `${id}:${port}`)

/** Until it is in that state; answers after how many seconds. */
const secondsUntil = async (what: () => Promise<boolean>): Promise<number> => {
  for (let seconds = 0; seconds <= 2 * DELAY_SECONDS; seconds++) {
    if (await what()) return seconds
    await world.advance(1)
  }
  throw new Error(`this did not come to pass: ${world.story}`)
}

describe('a task that is still talked to serves on for its deregistration delay', () => {
  it.each<[what: string, begin: () => Promise<void>, act: (arn: TaskArn) => Promise<unknown>]>([
    ['that is stopped by StopTask', ofEcs, (arn) => world.stop(arn)],
    ['of which fewer are desired', ofEcs, () => world.update({ desiredCount: 0 })],
    [
      'that a deployment replaces',
      ofEcs,
      async () => world.update({ taskDefinition: await pair(), loadBalancers: [attached()] }),
    ],
    ['that a forced deployment replaces', ofEcs, () => world.update({ forceNewDeployment: true })],
    ['of a service that is deleted', ofEcs, () => world.ask('DeleteService', { service: 'web', force: true } as never)],
    [
      'whose container is found unhealthy',
      ofEcs,
      async () => {
        isSick = true
        // The next one is well.
        await secondsUntil(async () => (await drains()).length > 0 || (await world.live()).length > 1)
        isSick = false
      },
    ],
    [
      'whose target is found unhealthy',
      ofEcs,
      () => world.target(0, { health: 'unhealthy', failure: { why: 'timeout' }, sessions: 1 }),
    ],
    [
      'beside whose container another one has ended',
      ofEcs,
      async (arn) => {
        const task = await world.task(arn)
        const beside = task?.status.containers.find(({ name }) => name === 'beside')
        world.engine.kill(beside?.runtimeId ?? '', 1)
      },
    ],
    [
      'of a task set that is scaled down',
      external,
      async () => world.ask('UpdateTaskSet', { ...(await setOf()), scale: { unit: 'PERCENT', value: 0 } } as never),
    ],
    [
      'of a task set that is deleted',
      external,
      async () => world.ask('DeleteTaskSet', { ...(await setOf()), force: true } as never),
    ],
  ])('%s', async (_what, begin, act) => {
    await world.balance('blue')
    world.balancer.otherwise = { sessions: 1 }
    await begin()
    await secondsUntil(async () => (await world.live())[0]?.status.lastStatus === 'RUNNING')
    await world.advance(30)
    const [task] = await world.live()
    const { arn } = task!
    await act(arn)
    await secondsUntil(async () => (await drains()).includes(addressOf(task)))
    const app = (await world.task(arn))?.status.containers.find(({ name }) => name === 'app')?.runtimeId
    const runs = async (): Promise<boolean> =>
      (await world.engine.observe()).some(({ containers }) =>
        containers.some(({ id, state }) => id === app && state === 'running'),
      )
    expect(await runs()).toBe(true)
    const seconds = await secondsUntil(async () => !(await runs()))
    expect(seconds).toBeGreaterThanOrEqual(DELAY_SECONDS - 1)
    expect(seconds).toBeLessThanOrEqual(DELAY_SECONDS + 1)
    await secondsUntil(async () => (await statusOf(arn)) === 'STOPPED')
    expect(world.bugs).toEqual([])
  })
})

describe('a service in several target groups', () => {
  const PORTS_OF = ['app', 'beside'] as const
  const both = (): LoadBalancer[] => PORTS_OF.map((name, at) => attached(at, name, PORT + at))
  const groupsOf = async (): Promise<string[]> =>
    (await world.store.read((reader) => reader.list(targets)))
      .map(({ targetGroupArn, port, status }) => `${world.groups.indexOf(targetGroupArn)}:${port} ${status.state}`)
      .toSorted()

  /** As the load balancer names the only task's target in the second group. */
  const second = async (): Promise<string> => addressOf((await world.live())[0]).replace(/:\d+$/, `:${PORT + 1}`)

  beforeEach(async () => {
    await world.balance('blue', 'green')
    await world.askElb('ModifyListener', {
      ListenerArn: world.listenerArn,
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: { TargetGroups: world.groups.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })) },
        },
      ],
    } as never)
  })

  it('is in each with the port of its own container, and complete when it is healthy in all', async () => {
    world.balancer.otherwise = { health: 'unknown' }
    await ofEcs(both())
    await world.advance(60)
    await world.target(0, { health: 'healthy' })
    await world.advance(60)
    expect(await groupsOf()).toEqual(['0:80 healthy', '1:81 initial'])
    expect(await world.described()).toMatchObject({ deployments: [{ rolloutState: 'IN_PROGRESS' }] })
    world.balancer.script(await second(), { health: 'healthy' })
    await world.advance(60)
    expect(await groupsOf()).toEqual(['0:80 healthy', '1:81 healthy'])
    expect(await world.described()).toMatchObject({
      loadBalancers: both(),
      deployments: [{ rolloutState: 'COMPLETED' }],
    })
  })

  it('replaces a task that is unhealthy in one of them, and waits for the last one to let go of it', async () => {
    await ofEcs(both())
    await world.advance(60)
    const [task] = await world.live()
    world.balancer.script(await second(), { health: 'unhealthy', failure: { why: 'refused' }, sessions: 1 })
    await secondsUntil(async () => (await drains()).length > 0)
    expect(await statusOf(task!.arn)).toBe('DEACTIVATING')
    const seconds = await secondsUntil(async () => (await statusOf(task!.arn)) === 'STOPPED')
    expect(seconds).toBeGreaterThanOrEqual(DELAY_SECONDS - 1)
    expect(world.story).toContain(
      '(service web) (task t1) (port 81) is unhealthy in (target-group green) due to (reason Health checks failed).',
    )
    expect(await groupsOf()).toEqual(['0:80 healthy', '1:81 healthy'])
    expect(await world.store.read((reader) => reader.count(tasks))).toBe(2)
  })
})
