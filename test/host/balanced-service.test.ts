// Goal: whatever is done to a service behind a load balancer, its clients see no error: rolling deployments, StopTask,
// and blue/green and canary deployments whose weights they can count.
// Method: the real instance and HAProxy; busybox's web server, which dies at once when it is told to and whose answers
// take a while, so that a task that is not drained first would cost requests; clients that keep their connections.

import { Agent, request } from 'node:http'
import {
  ContinueServiceDeploymentCommand,
  CreateServiceCommand,
  type DeploymentConfiguration,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Service,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { AuthorizeSecurityGroupIngressCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, startInstance } from '#test/instance.ts'
import { register } from '#test/tasks.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 200 }
const CLIENTS = 6

let instance: Instance
let elb: ElasticLoadBalancingV2Client
let subnets: string[]
let vpc = ''
let balancerArn = ''

const app = (word: string): Promise<string> => {
  const answer = `printf 'Content-Type: text/plain\\r\\n\\r\\n'; sleep 0.1; echo ${word}`
  const script = [
    'mkdir -p /www/cgi-bin',
    `echo '#!/bin/sh' > /www/cgi-bin/who`,
    `echo "${answer.replaceAll('\\', '\\\\')}" >> /www/cgi-bin/who`,
    'chmod +x /www/cgi-bin/who',
    'echo ok > /www/index.html',
    'exec httpd -f -p 8080 -h /www',
  ]
  return register(instance, [
    { command: ['sh', '-c', script.join('; ')], stopTimeout: 2, portMappings: [{ containerPort: 8080 }] },
  ])
}

const group = async (Name: string): Promise<string> => {
  const made = await elb.send(
    new CreateTargetGroupCommand({
      Name,
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: vpc,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  )
  return made.TargetGroups?.[0]?.TargetGroupArn ?? ''
}

const listener = async (Port: number, TargetGroupArn: string): Promise<string> => {
  const made = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancerArn,
      Protocol: 'HTTP',
      Port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  return made.Listeners?.[0]?.ListenerArn ?? ''
}

/** The rule that AWS shows as a listener's default one. */
const defaultRule = async (ListenerArn: string): Promise<string> =>
  (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules?.[0]?.RuleArn ?? ''

beforeAll(async () => {
  instance = await startInstance()
  elb = new ElasticLoadBalancingV2Client(instance.sdk)
  const found = await instance.ec2.send(new DescribeSubnetsCommand({}))
  subnets = (found.Subnets ?? []).map(({ SubnetId }) => SubnetId ?? '').slice(0, 2)
  vpc = found.Subnets?.[0]?.VpcId ?? ''
  await instance.ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupName: 'default',
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 90, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  )
  const made = await elb.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: subnets }))
  balancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
}, TIMEOUT_MS)
afterAll(() => instance?.down())

/** The address and port of a listener on this machine. */
const doorOf = async (port: number): Promise<URL> => {
  const { stdout } = await instance.neargate('url', 'front')
  const urls = stdout.split('\n').filter((line) => line.startsWith('http:'))
  const url = urls.map((line) => new URL(line)).find((one) => Number(one.port || 80) === port)
  if (url === undefined) throw new Error(`no listener at ${port} in ${stdout}`)
  return url
}

interface Load {
  /** How often clients have been answered with each word since they were last forgotten. */
  readonly words: () => Readonly<Record<string, number>>
  readonly forget: () => void
  /** The words since this was last asked. */
  readonly newWords: () => string[]
  /** Whatever was not the answer 200, since the beginning. */
  readonly stop: () => Promise<string[]>
}

/** Clients that keep their connections, each with one request after the other. */
const load = async (port: number): Promise<Load> => {
  const door = await doorOf(port)
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const wrong: string[] = []
  let counts: Record<string, number> = {}
  let isOver = false
  const once = (): Promise<void> =>
    new Promise((resolve) => {
      const failed = (error: unknown): void => {
        wrong.push(String(error))
        resolve()
      }
      request({ agent, host: door.hostname, port, path: '/cgi-bin/who' }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('error', failed)
        response.on('end', () => {
          if (response.statusCode === 200) counts[text.trim()] = (counts[text.trim()] ?? 0) + 1
          else wrong.push(String(response.statusCode))
          resolve()
        })
      })
        .on('error', failed)
        .end()
    })
  const client = async (): Promise<void> => {
    while (!isOver) await once()
  }
  const clients = Array.from({ length: CLIENTS }, client)
  const forget = (): void => {
    counts = {}
  }
  return {
    words: () => counts,
    forget,
    newWords: () => {
      const words = Object.keys(counts)
      forget()
      return words
    },
    stop: async () => {
      isOver = true
      await Promise.all(clients)
      agent.destroy()
      return wrong
    },
  }
}

const service = async (name: string): Promise<Service> =>
  (await instance.ecs.send(new DescribeServicesCommand({ services: [name] }))).services?.[0] ?? {}

/** Its newest deployment is complete, and nothing of an older one is left. */
const isDone = async (name: string, family: string): Promise<boolean> => {
  const { deployments = [], events = [] } = await service(name)
  const [first] = deployments
  const isComplete = deployments.length === 1 && first?.rolloutState === 'COMPLETED'
  return isComplete && first.taskDefinition?.includes(`/${family}:`) === true && events.length > 0
}

const states = async (arn: string): Promise<(string | undefined)[]> =>
  ((await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))).TargetHealthDescriptions ?? []).map(
    ({ TargetHealth }) => TargetHealth?.State,
  )

describe('a service behind a load balancer', () => {
  let groupArn = ''

  it(
    'is made with the AWS CLI, whose waiter finds it stable, with healthy targets',
    async () => {
      groupArn = await group('rolling')
      await listener(80, groupArn)
      const family = await app('one')
      const wish = [
        `--service-name web --task-definition ${family} --desired-count 2 --launch-type FARGATE`,
        `--network-configuration awsvpcConfiguration={subnets=[${subnets.join(',')}]}`,
        `--load-balancers targetGroupArn=${groupArn},containerName=c0,containerPort=8080`,
      ]
      const made = await instance.withAws('aws', 'ecs', 'create-service', ...wish.join(' ').split(' '))
      expect(made, made.stderr).toMatchObject({ exitCode: 0 })
      const waited = await instance.withAws('aws', 'ecs', 'wait', 'services-stable', '--services', 'web')
      expect(waited, waited.stderr).toMatchObject({ exitCode: 0 })
      await expect.poll(() => states(groupArn), POLL).toEqual(['healthy', 'healthy'])
      const told = ((await service('web')).events ?? []).map(({ message }) => message)
      expect(told).toContain(`(service web) registered 2 targets in (target-group ${groupArn})`)
    },
    TIMEOUT_MS,
  )

  it(
    'is deployed twice under load without an error',
    async () => {
      const clients = await load(80)
      for (const word of ['two', 'three']) {
        const family = await app(word)
        await instance.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: family }))
        await expect.poll(() => isDone('web', family), POLL).toBe(true)
        await expect.poll(clients.newWords, POLL).toEqual([word])
      }
      expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'loses a task to StopTask under load without an error, and replaces it',
    async () => {
      const clients = await load(80)
      const { taskArns: [arn = ''] = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: 'web' }))
      await instance.ecs.send(new StopTaskCommand({ task: arn }))
      const ended = async (): Promise<string | undefined> =>
        (await instance.ecs.send(new DescribeTasksCommand({ tasks: [arn] }))).tasks?.[0]?.lastStatus
      await expect.poll(ended, POLL).toBe('STOPPED')
      await expect.poll(() => states(groupArn), POLL).toEqual(['healthy', 'healthy'])
      expect(await clients.stop()).toEqual([])
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
  let blue = ''

  const deploy = async (word: string, deploymentConfiguration: DeploymentConfiguration): Promise<string> => {
    const family = await app(word)
    await instance.ecs.send(
      new UpdateServiceCommand({ service: 'pair', taskDefinition: family, deploymentConfiguration }),
    )
    return family
  }

  it(
    'goes over at once in a blue/green deployment under load without an error',
    async () => {
      const alternateTargetGroupArn = await group('green')
      blue = await group('blue')
      const productionListenerRule = await defaultRule(await listener(81, blue))
      const roleArn = `arn:aws:iam::${instance.config.account}:role/ecs-load-balancing`
      const family = await app('blue')
      await instance.ecs.send(
        new CreateServiceCommand({
          serviceName: 'pair',
          taskDefinition: family,
          desiredCount: 2,
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets } },
          deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
          loadBalancers: [
            {
              targetGroupArn: blue,
              containerName: 'c0',
              containerPort: 8080,
              advancedConfiguration: { alternateTargetGroupArn, productionListenerRule, roleArn },
            },
          ],
        }),
      )
      await expect.poll(() => isDone('pair', family), POLL).toBe(true)
      const clients = await load(81)
      const green = await deploy('green', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 })
      await expect.poll(() => isDone('pair', green), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['green'])
      expect(await clients.stop()).toEqual([])
      await expect.poll(() => states(blue), POLL).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'shows its clients the weights of a canary deployment, without an error',
    async () => {
      const clients = await load(81)
      const family = await deploy('canary', CANARY)
      const { currentServiceDeployment: arn = '' } = await service('pair')
      const waiting = async (): Promise<string | undefined> => {
        const found = await instance.ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }))
        const hooks = found.serviceDeployments?.[0]?.lifecycleHookDetails ?? []
        return hooks.find(({ status }) => status === 'AWAITING_ACTION')?.hookId
      }
      const go = async (hookId: string | undefined): Promise<unknown> =>
        instance.ecs.send(
          new ContinueServiceDeploymentCommand({
            serviceDeploymentArn: arn,
            hookId: hookId ?? '',
            action: 'CONTINUE',
          }),
        )
      await expect.poll(waiting, POLL).toBeDefined()
      const first = await waiting()
      // All tasks are there, and nobody gets to the new ones yet.
      clients.forget()
      await expect.poll(() => clients.words()['green'] ?? 0, POLL).toBeGreaterThan(50)
      expect(clients.words()['canary']).toBeUndefined()
      await go(first)
      await expect.poll(async () => ![undefined, first].includes(await waiting()), POLL).toBe(true)
      clients.forget()
      const share = (): number => {
        const { canary = 0, green = 0 } = clients.words()
        return canary / (canary + green)
      }
      const total = (): number => Object.values(clients.words()).reduce((sum, one) => sum + one, 0)
      await expect.poll(total, POLL).toBeGreaterThan(400)
      // A quarter of 400 is 100, give or take 9 (one sigma): outside of these bounds it is another weight.
      expect(share()).toBeGreaterThan(0.13)
      expect(share()).toBeLessThan(0.4)
      await go(await waiting())
      await expect.poll(() => isDone('pair', family), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['canary'])
      expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )
})
