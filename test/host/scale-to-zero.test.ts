// Goal: a service that nobody asks for has no task, and the first request after that is answered as if it had some.
// Method: the real instance, busybox's web server as task, requests from the host.

import {
  CreateServiceCommand,
  DescribeServicesCommand,
  type Service,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultNetwork, openPorts } from '#test/default-network.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { register } from '#test/tasks.ts'

const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 100 }
const TAG = 'neargate:scale-to-zero'

let instance: Instance
let url = ''
let family = ''
let targetGroupArn = ''
let subnets: string[]

beforeAll(async () => {
  instance = await startInstance()
  const elb = new ElasticLoadBalancingV2Client(instance.sdk)
  const network = await defaultNetwork(instance)
  subnets = network.subnets
  await openPorts(instance, 80, 80)
  const group = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: network.vpc,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  )
  targetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }],
    }),
  )
  const balancer = await elb.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: subnets }))
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn ?? '',
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  family = await register(instance, [
    {
      command: ['sh', '-c', 'mkdir /www && echo awake > /www/index.html && exec httpd -f -p 8080 -h /www'],
      stopTimeout: 2,
      portMappings: [{ containerPort: 8080 }],
    },
  ])
}, TIMEOUT_MS)

afterAll(() => instance?.down())

const service = async (): Promise<Service | undefined> =>
  (await instance.ecs.send(new DescribeServicesCommand({ services: ['web'] }))).services?.[0]
const counts = async (): Promise<string> => {
  const { desiredCount, runningCount } = (await service()) ?? {}
  return `${desiredCount} desired, ${runningCount} running`
}
const events = async (): Promise<string> => ((await service())?.events ?? []).map(({ message }) => message).join('\n')
const asked = async (): Promise<string> =>
  (await (await fetch(url, { headers: { connection: 'close' } })).text()).trim()

it(
  'sleeps when it is idle, and wakes with the first request, which is answered',
  async () => {
    const told = async (): Promise<string> => (url = (await instance.neargate('url', 'front')).stdout.trim())
    await expect.poll(told, POLL).toMatch(/^http:/)
    await instance.ecs.send(
      new CreateServiceCommand({
        serviceName: 'web',
        taskDefinition: family,
        desiredCount: 2,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets } },
        loadBalancers: [{ targetGroupArn, containerName: 'c0', containerPort: 8080 }],
        tags: [{ key: TAG, value: '3' }],
      }),
    )
    await expect.poll(counts, POLL).toBe('2 desired, 2 running')
    await expect.poll(counts, POLL).toBe('0 desired, 0 running')
    expect(await events()).toContain('(service web) has had no request for 3 seconds and sleeps: desired count 0.')
    // A task that is still draining may have answered the first.
    const woken = async (): Promise<string> => {
      expect(await Promise.all([asked(), asked(), asked()])).toEqual(['awake', 'awake', 'awake'])
      return events()
    }
    await expect.poll(woken, POLL).toContain('(service web) wakes: desired count 2.')
    await expect.poll(counts, POLL).toBe('2 desired, 2 running')
    await expect.poll(counts, POLL).toBe('0 desired, 0 running')
  },
  TIMEOUT_MS,
)

it(
  'wakes also after the control plane was killed in its sleep',
  async () => {
    await instance.kill()
    const answer = asked()
    await instance.up()
    expect(await answer).toBe('awake')
    await expect.poll(counts, POLL).toBe('0 desired, 0 running')
  },
  TIMEOUT_MS,
)

it(
  'is as it was when it is no longer to sleep',
  async () => {
    const resourceArn = (await service())?.serviceArn ?? ''
    await instance.ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: [TAG] }))
    await expect.poll(counts, POLL).toBe('2 desired, 2 running')
    await instance.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key: TAG, value: '2' }] }))
    await expect.poll(counts, POLL).toBe('0 desired, 0 running')
  },
  TIMEOUT_MS,
)
