// Goal: whatever is done to a service behind a load balancer, its clients see no error: rolling deployments, StopTask,
// Spot's interruptions, and blue/green, canary and linear deployments whose weights they can count.
// Method: the real instance and HAProxy; busybox's web server, which dies at once when it is told to and whose answers
// take a while, so that a task that is not drained first would cost requests; clients that keep their connections.

import {
  CreateServiceCommand,
  type DeploymentConfiguration,
  DescribeTasksCommand,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Front, frontOf, type Load } from '#test/front.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { isDeployed, letGoOn, serviceNamed, waitingHook } from '#test/rollouts.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 200 }
/** Of the control plane, during one deployment. */
const KILLS = 5

let front: Front
let instance: Instance

beforeAll(async () => {
  instance = await startInstance()
  front = await frontOf(instance)
}, TIMEOUT_MS)
afterAll(() => instance?.down())

const isDone = (name: string, family: string): Promise<boolean> => isDeployed(instance, name, family)

let groupArn = ''

describe('a service behind a load balancer', () => {
  it(
    'is made with the AWS CLI, whose waiter finds it stable, with healthy targets',
    async () => {
      groupArn = await front.group('rolling')
      await front.listener(80, groupArn)
      const family = await front.app('one')
      const wish = [
        `--service-name web --task-definition ${family} --desired-count 2 --launch-type FARGATE`,
        `--network-configuration awsvpcConfiguration={subnets=[${front.subnets.join(',')}]}`,
        `--load-balancers targetGroupArn=${groupArn},containerName=c0,containerPort=8080`,
      ]
      const made = await instance.withAws('aws', 'ecs', 'create-service', ...wish.join(' ').split(' '))
      expect(made, made.stderr).toMatchObject({ exitCode: 0 })
      const waited = await instance.withAws('aws', 'ecs', 'wait', 'services-stable', '--services', 'web')
      expect(waited, waited.stderr).toMatchObject({ exitCode: 0 })
      await expect.poll(() => front.states(groupArn), POLL).toEqual(['healthy', 'healthy'])
      // Both at once, or one after the other: a busy machine starts them at different times.
      const told = new RegExp(`^\\(service web\\) registered (\\d) targets in \\(target-group ${groupArn}\\)$`)
      const counts = ((await serviceNamed(instance, 'web')).events ?? []).map(({ message = '' }) =>
        Number(told.exec(message)?.[1] ?? 0),
      )
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(2)
    },
    TIMEOUT_MS,
  )

  it(
    'is deployed twice without an error under load over HTTP/1.1 and HTTP/2',
    async () => {
      const trust = await front.secureListener(84, groupArn)
      await expect.poll(async () => (await instance.neargate('url', 'front')).stdout, POLL).toMatch(/^https:.*:84$/m)
      const loads = [await front.load(80), await front.load(84, trust)]
      for (const clients of loads) await expect.poll(clients.newWords, POLL).toEqual(['one'])
      for (const word of ['two', 'three']) {
        const family = await front.app(word)
        await instance.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: family }))
        // Another listener makes the load balancer ask its clients of HTTP/2 for a new session (GOAWAY).
        await front.listener(word === 'two' ? 85 : 86, groupArn)
        await expect.poll(() => isDone('web', family), POLL).toBe(true)
        for (const clients of loads) await expect.poll(clients.newWords, POLL).toEqual([word])
      }
      for (const clients of loads) expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'loses a task to StopTask under load without an error, and replaces it',
    async () => {
      const clients = await front.load(80)
      const { taskArns: [arn = ''] = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: 'web' }))
      await instance.ecs.send(new StopTaskCommand({ task: arn }))
      const ended = async (): Promise<string | undefined> =>
        (await instance.ecs.send(new DescribeTasksCommand({ tasks: [arn] }))).tasks?.[0]?.lastStatus
      await expect.poll(ended, POLL).toBe('STOPPED')
      await expect.poll(() => front.states(groupArn), POLL).toEqual(['healthy', 'healthy'])
      expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )
})

describe('a Spot task behind a load balancer', () => {
  const eventsOf = async (task: string) => {
    const { stdout } = await instance.neargate('events', '--task', task, '--json')
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => (JSON.parse(line) as { readonly detail: Task }).detail)
  }

  it(
    'that is interrupted drains while it still answers, and is told to stop then, without an error',
    async () => {
      const group = await front.group('spot')
      await front.listener(83, group)
      const family = await front.app('spot')
      await instance.ecs.send(
        new CreateServiceCommand({
          serviceName: 'spot',
          taskDefinition: family,
          desiredCount: 2,
          capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
          networkConfiguration: { awsvpcConfiguration: { subnets: front.subnets } },
          loadBalancers: [{ targetGroupArn: group, containerName: 'c0', containerPort: 8080 }],
        }),
      )
      await expect.poll(() => isDone('spot', family), POLL).toBe(true)
      const clients = await front.load(83)
      await expect.poll(clients.newWords, POLL).toEqual(['spot'])
      const { taskArns: [arn = ''] = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: 'spot' }))
      const told = await instance.neargate('spot', 'interrupt', arn)
      expect(told, told.stderr).toMatchObject({ exitCode: 0 })
      const described = async (): Promise<Task | undefined> =>
        (await instance.ecs.send(new DescribeTasksCommand({ tasks: [arn] }))).tasks?.[0]
      await expect.poll(async () => (await described())?.lastStatus, POLL).toBe('STOPPED')
      expect(await described()).toMatchObject({ stopCode: 'SpotInterruption' })
      await expect.poll(() => front.states(group), POLL).toEqual(['healthy', 'healthy'])
      expect(await clients.stop()).toEqual([])
      await expect.poll(async () => (await eventsOf(arn)).at(-1)?.lastStatus, POLL).toBe('STOPPED')
      // Deregistered, its container still ran; and it ran until then.
      const draining = (await eventsOf(arn)).filter(({ lastStatus }) => lastStatus === 'DEACTIVATING')
      expect(draining[0]).toMatchObject({ stopCode: 'TerminationNotice', containers: [{ lastStatus: 'RUNNING' }] })
      const messages = ((await serviceNamed(instance, 'spot')).events ?? []).map(({ message }) => message)
      expect(messages).toContainEqual(`(service spot) deregistered 1 targets in (target-group ${group})`)
    },
    TIMEOUT_MS,
  )
})

describe('a control plane that is killed in the middle of a deployment', () => {
  it(
    'costs the clients of a service no request',
    async () => {
      const clients = await front.load(80)
      const family = await front.app('four')
      await instance.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: family }))
      // Each kill finds the deployment somewhere else: starting, registering, draining, stopping.
      for (let kill = 0; kill < KILLS; kill++) {
        await new Promise((resolve) => setTimeout(resolve, 150 + 250 * kill))
        await instance.kill()
        await instance.up()
      }
      await expect.poll(() => isDone('web', family), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['four'])
      expect(await clients.stop()).toEqual([])
      await expect.poll(() => front.states(groupArn), POLL).toEqual(['healthy', 'healthy'])
    },
    TIMEOUT_MS,
  )
})

describe('a service with two target groups', () => {
  /** A pause before each shift: what clients get between two can be counted. */
  const CANARY: DeploymentConfiguration = {
    strategy: 'CANARY',
    bakeTimeInMinutes: 0,
    canaryConfiguration: { canaryPercent: 25, canaryBakeTimeInMinutes: 0 },
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT' as never] }],
  }
  const LINEAR: DeploymentConfiguration = {
    strategy: 'LINEAR',
    bakeTimeInMinutes: 0,
    linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 0 },
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT' as never] }],
  }
  /** A pause while the test listener alone shows the new version. */
  const TESTED: DeploymentConfiguration = {
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }],
  }
  let blue = ''

  const waiting = (): Promise<string | undefined> => waitingHook(instance, 'pair')
  const go = (hookId: string | undefined): Promise<void> => letGoOn(instance, 'pair', hookId)

  const nextPause = async (last: string | undefined): Promise<void> => {
    await expect.poll(async () => ![undefined, last].includes(await waiting()), POLL).toBe(true)
  }

  /** Of the answers to the next 400 requests. */
  const shareOf = async (word: string, clients: Load): Promise<number> => {
    clients.forget()
    const total = (): number => Object.values(clients.words()).reduce((sum, one) => sum + one, 0)
    await expect.poll(total, POLL).toBeGreaterThan(400)
    return (clients.words()[word] ?? 0) / total()
  }

  const deploy = async (word: string, deploymentConfiguration: DeploymentConfiguration): Promise<string> => {
    const family = await front.app(word)
    await instance.ecs.send(
      new UpdateServiceCommand({ service: 'pair', taskDefinition: family, deploymentConfiguration }),
    )
    return family
  }

  it(
    'goes over at once in a blue/green deployment under load without an error, the test listener first',
    async () => {
      const alternateTargetGroupArn = await front.group('green')
      blue = await front.group('blue')
      const productionListenerRule = await front.defaultRule(await front.listener(81, blue))
      const testListenerRule = await front.defaultRule(await front.listener(82, blue))
      const roleArn = `arn:aws:iam::${instance.config.account}:role/ecs-load-balancing`
      const family = await front.app('blue')
      await instance.ecs.send(
        new CreateServiceCommand({
          serviceName: 'pair',
          taskDefinition: family,
          desiredCount: 2,
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets: front.subnets } },
          deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
          loadBalancers: [
            {
              targetGroupArn: blue,
              containerName: 'c0',
              containerPort: 8080,
              advancedConfiguration: { alternateTargetGroupArn, productionListenerRule, testListenerRule, roleArn },
            },
          ],
        }),
      )
      await expect.poll(() => isDone('pair', family), POLL).toBe(true)
      const clients = await front.load(81)
      const green = await deploy('green', TESTED)
      await expect.poll(waiting, POLL).toBeDefined()
      const tests = await front.load(82)
      await expect.poll(tests.newWords, POLL).toEqual(['green'])
      expect(await tests.stop()).toEqual([])
      expect(Object.keys(clients.words())).toEqual(['blue'])
      await go(await waiting())
      await expect.poll(() => isDone('pair', green), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['green'])
      expect(await clients.stop()).toEqual([])
      await expect.poll(() => front.states(blue), POLL).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'shows its clients the weights of a canary deployment, without an error',
    async () => {
      const clients = await front.load(81)
      const family = await deploy('canary', CANARY)
      await expect.poll(waiting, POLL).toBeDefined()
      const first = await waiting()
      // All tasks are there, and nobody gets to the new ones yet.
      clients.forget()
      await expect.poll(() => clients.words()['green'] ?? 0, POLL).toBeGreaterThan(50)
      expect(clients.words()['canary']).toBeUndefined()
      await go(first)
      await nextPause(first)
      const share = await shareOf('canary', clients)
      // A quarter of 400 is 100, give or take 9 (one sigma): outside of these bounds it is another weight.
      expect(share).toBeGreaterThan(0.13)
      expect(share).toBeLessThan(0.4)
      await go(await waiting())
      await expect.poll(() => isDone('pair', family), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['canary'])
      expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'gives its clients step by step more of the new version in a linear deployment, without an error',
    async () => {
      const clients = await front.load(81)
      const family = await deploy('linear', LINEAR)
      await expect.poll(waiting, POLL).toBeDefined()
      const shares: number[] = []
      for (let step = 0; step < 3; step++) {
        const pause = await waiting()
        shares.push(await shareOf('linear', clients))
        await go(pause)
        if (step < 2) await nextPause(pause)
      }
      await expect.poll(() => isDone('pair', family), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['linear'])
      expect(await clients.stop()).toEqual([])
      // 0, 40 and 80 of 100: each give or take 2.5 (one sigma).
      const [before = 1, first = 0, second = 0] = shares
      expect(before).toBe(0)
      expect(first).toBeGreaterThan(0.27)
      expect(first).toBeLessThan(0.53)
      expect(second).toBeGreaterThan(0.67)
      expect(second).toBeLessThan(0.93)
    },
    TIMEOUT_MS,
  )
})
