// Goal: a service that takes datagrams behind a Network Load Balancer, as its user sees it: made by AWS's own client, with
// health checks, security groups that hold, draining, flows that go on when the server dies, and deployments that no
// client notices.
// Method: the real instance and its kernel; tasks that serve the health check, and the test's own sockets for datagrams in
// the tasks' network namespaces.

import { createServer } from 'node:net'
import { join } from 'node:path'
import { type IpPermission } from '@aws-sdk/client-ec2'
import {
  CreateServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { listeningSocket } from '#linux/network-socket.ts'
import { type DatagramClient, datagramClient, datagramServer } from '#test/balancer/datagrams.ts'
import { defaultNetwork } from '#test/default-network.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { fromGroup, securityGroup } from '#test/security-groups.ts'
import { isDeployed } from '#test/rollouts.ts'
import { launch, register, until } from '#test/tasks.ts'

const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 200 }
const PORT = 53
const SERVED = 5353
const CHECKED = 8080
const SERVICE = 'resolver'

let instance: Instance
let elb: ElasticLoadBalancingV2Client
let subnets: string[]
let vpc = ''
let groupArn = ''
/** Of the load balancer: one in each subnet. */
let addresses: string[] = []
const closing: (() => Promise<void>)[] = []
let clients: DatagramClient[] = []

const group = (name: string, ...permissions: readonly IpPermission[]): Promise<string> =>
  securityGroup(instance, vpc, name, ...permissions)

const detail = (task: Task, wanted: string): string =>
  task.attachments?.[0]?.details?.find(({ name }) => name === wanted)?.value ?? ''

const placeOf = (task: Task) => ({
  namespacePath: join(instance.config.runDir, 'netns', detail(task, 'networkInterfaceId')),
  address: detail(task, 'privateIPv4Address'),
})

const tasks = async (): Promise<Task[]> => {
  const { taskArns = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: SERVICE }))
  return (await instance.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))).tasks ?? []
}

const states = async (): Promise<(string | undefined)[]> =>
  ((await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }))).TargetHealthDescriptions ?? []).map(
    ({ TargetHealth }) => TargetHealth?.State,
  )

/** Which tasks answer, each client at each of the load balancer's addresses. */
const answerers = async (): Promise<string[]> => {
  const found = new Set<string>()
  for (const address of addresses)
    for (const client of clients) found.add((await client.ask(address, PORT))?.name ?? 'nobody')
  return [...found].toSorted()
}

const asker = async (task: Task): Promise<DatagramClient> => {
  const made = await datagramClient(placeOf(task))
  closing.push(() => made.close())
  return made
}

/** Between a client's questions. */
const PAUSE_SECONDS = 0.005

/** Keeps a connection to the health check's port for as long as it lives. */
const KEEPER = 'mkfifo /lives; sleep 86400 > /lives & until nc 127.0.0.1 8080 < /lives; do sleep 0.1; done'

/** Serves datagrams and the health check in the name of a task, until its container lives no more. */
const serveWhileItLives = async (task: Task, name: string): Promise<void> => {
  const place = { ...placeOf(task), port: SERVED }
  const silence = await datagramServer(place, name)
  const server = createServer((socket) => {
    // The load balancer hangs up as it likes.
    socket.on('error', () => {})
    socket.resume()
    if (socket.remoteAddress === '127.0.0.1') socket.on('close', () => void end())
  })
  let isOver = false
  const end = async (): Promise<void> => {
    if (isOver) return
    isOver = true
    server.close()
    await silence()
  }
  closing.push(end)
  server.listen({ fd: listeningSocket(place.namespacePath, '0.0.0.0', CHECKED) })
}

/** Every task of the family, as soon as it is there. Returns "stop looking". */
const serveAll = (family: string): (() => Promise<void>) => {
  const life = new AbortController()
  const served = new Set<string>()
  const look = async (): Promise<void> => {
    while (!life.signal.aborted) {
      for (const task of await tasks()) {
        const isOurs = task.taskDefinitionArn?.includes(`/${family}:`) === true
        if (!isOurs || task.lastStatus !== 'RUNNING' || served.has(task.taskArn ?? '')) continue
        served.add(task.taskArn ?? '')
        await serveWhileItLives(task, family)
      }
      await systemClock.sleep(0.2, life.signal)
    }
  }
  const done = look()
  return async () => {
    life.abort()
    await done
  }
}

/** Clients that ask and ask, and once more where nothing comes back. */
const askOn = () => {
  const life = new AbortController()
  let names = new Set<string>()
  let unanswered = 0
  const goOn = async (client: DatagramClient, address: string): Promise<void> => {
    while (!life.signal.aborted) {
      const answer = (await client.ask(address, PORT)) ?? (await client.ask(address, PORT))
      if (answer === undefined) unanswered++
      else names.add(answer.name)
      await systemClock.sleep(PAUSE_SECONDS, life.signal)
    }
  }
  const all = clients.map((client, index) => goOn(client, addresses[index % addresses.length]!))
  return {
    newNames: (): string[] => {
      const before = names
      names = new Set()
      return [...before].toSorted()
    },
    /** How many questions had no answer. */
    stop: async (): Promise<number> => {
      life.abort()
      await Promise.all(all)
      return unanswered
    },
  }
}

beforeAll(async () => {
  instance = await startInstance()
  elb = new ElasticLoadBalancingV2Client(instance.sdk)
  ;({ vpc, subnets } = await defaultNetwork(instance))
}, TIMEOUT_MS)

afterAll(async () => {
  for (const close of closing) await close()
  await instance?.down()
})

describe('a service of datagrams behind a network load balancer', () => {
  let asking = ''
  let serving = ''

  it(
    'has healthy targets, that share the flows of whom the load balancer’s group lets in',
    async () => {
      asking = await group('asking')
      const balancing = await group('balancing', fromGroup(asking, 'udp', PORT))
      serving = await group('serving', fromGroup(balancing, 'udp', SERVED), fromGroup(balancing, 'tcp', CHECKED))
      const made = await elb.send(
        new CreateTargetGroupCommand({
          Name: 'resolver',
          Protocol: 'UDP',
          Port: SERVED,
          VpcId: vpc,
          TargetType: 'ip',
          HealthCheckProtocol: 'TCP',
          HealthCheckPort: `${CHECKED}`,
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
          HealthyThresholdCount: 2,
        }),
      )
      groupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
      await elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: groupArn,
          Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
        }),
      )
      const balancer = await elb.send(
        new CreateLoadBalancerCommand({
          Name: 'resolver',
          Type: 'network',
          Subnets: subnets,
          SecurityGroups: [balancing],
        }),
      )
      const LoadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn
      await elb.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: 'UDP',
          Port: PORT,
          DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
        }),
      )
      const served = await register(instance, [
        {
          command: ['httpd', '-f', '-p', `${CHECKED}`],
          stopTimeout: 2,
          portMappings: [{ containerPort: SERVED, protocol: 'udp' }, { containerPort: CHECKED }],
        },
      ])
      await instance.ecs.send(
        new CreateServiceCommand({
          serviceName: SERVICE,
          taskDefinition: served,
          desiredCount: 2,
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [serving] } },
          loadBalancers: [{ targetGroupArn: groupArn, containerName: 'c0', containerPort: SERVED }],
        }),
      )
      const idle = await register(instance, [{ command: ['sleep', '3600'], stopTimeout: 2 }])
      const awsvpcConfiguration = { subnets: [subnets[0] ?? ''], securityGroups: [asking] }
      const [client = ''] = await launch(instance, idle, { networkConfiguration: { awsvpcConfiguration } })
      const asks = await until(instance, client, 'RUNNING')
      clients = await Promise.all(Array.from({ length: 8 }, () => asker(asks)))
      await expect.poll(states, POLL).toEqual(['healthy', 'healthy'])
      const running = await tasks()
      for (const task of running) {
        const place = { ...placeOf(task), port: SERVED }
        closing.push(await datagramServer(place, place.address))
      }
      const told = JSON.parse((await instance.neargate('url', 'resolver', '--json')).stdout) as { addresses: string[] }
      addresses = told.addresses.filter((address) => address.startsWith('172.31.'))
      expect(addresses).toHaveLength(2)
      await expect.poll(answerers, POLL).toEqual(running.map((task) => placeOf(task).address).toSorted())
    },
    TIMEOUT_MS,
  )

  it(
    'is heard by nobody else, and its tasks by nobody but the load balancer',
    async () => {
      const [task] = await tasks()
      const own = await asker(task!)
      expect(await own.ask(addresses[0]!, PORT)).toBeUndefined()
      expect(await clients[0]!.ask(placeOf(task!).address, SERVED)).toBeUndefined()
    },
    TIMEOUT_MS,
  )

  it(
    'is heard on the host at an address of its own, as neargate url says',
    async () => {
      const told = async (): Promise<string> => (await instance.neargate('url', 'resolver')).stdout.trim()
      await expect.poll(told, POLL).toMatch(/^udp:\/\/127\.[\d.]+:53$/)
      const { hostname } = new URL((await told()).replace('udp:', 'http:'))
      const client = await datagramClient({ address: '127.0.0.1' })
      closing.push(() => client.close())
      const answer = await client.ask(hostname, PORT)
      expect(answer?.from).toBe(`${hostname}:${PORT}`)
      expect((await tasks()).map((task) => placeOf(task).address)).toContain(answer?.name)
      await instance.kill()
      expect((await client.ask(hostname, PORT))?.name).toBe(answer?.name)
      await instance.up()
      await expect.poll(told, POLL).toMatch(/^udp:/)
      expect((await client.ask(hostname, PORT))?.name).toBe(answer?.name)
    },
    TIMEOUT_MS,
  )

  it(
    'keeps its flows while the control plane is dead and when it is back, and gives those of a task that leaves to the other',
    async () => {
      const where = async () =>
        Promise.all(clients.map(async (client) => (await client.ask(addresses[0]!, PORT))?.name))
      const before = await where()
      await instance.kill()
      expect(await where()).toEqual(before)
      await instance.up()
      await expect.poll(states, POLL).toEqual(['healthy', 'healthy'])
      expect(await where()).toEqual(before)
      await instance.ecs.send(new UpdateServiceCommand({ service: SERVICE, desiredCount: 1 }))
      await expect.poll(async () => new Set(await states()), POLL).toEqual(new Set(['draining', 'healthy']))
      expect(await where()).toEqual(before)
      await expect.poll(states, POLL).toEqual(['healthy'])
      await expect.poll(async () => (await answerers()).length, POLL).toBe(1)
      expect(await answerers()).not.toContain('nobody')
    },
    TIMEOUT_MS,
  )

  it(
    'is deployed, twice, while clients ask without a pause, and each question is answered by an old task or a new one',
    async () => {
      const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }]
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: groupArn, Attributes }))
      const asking = askOn()
      for (let version = 1; version <= 2; version++) {
        const family = await register(instance, [
          {
            command: ['sh', '-c', KEEPER],
            stopTimeout: 2,
            portMappings: [{ containerPort: SERVED, protocol: 'udp' }, { containerPort: CHECKED }],
          },
        ])
        const stopLooking = serveAll(family)
        await instance.ecs.send(new UpdateServiceCommand({ service: SERVICE, taskDefinition: family, desiredCount: 2 }))
        await expect.poll(() => isDeployed(instance, SERVICE, family), POLL).toBe(true)
        await expect.poll(asking.newNames, POLL).toEqual([family])
        await stopLooking()
      }
      expect(await asking.stop()).toBe(0)
    },
    TIMEOUT_MS,
  )
})
