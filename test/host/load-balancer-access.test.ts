// Goal: who gets to an Application Load Balancer and to what is behind it: as the security groups say and no further,
// several load balancers at one port, an internal one inside its VPC alone.
// Method: the real instance, busybox's web server as target, tasks that ask from inside, plain clients on the host.

import { once } from 'node:events'
import { Agent, get } from 'node:https'
import { createServer } from 'node:net'
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { AuthorizeSecurityGroupIngressCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2'
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultNetwork } from '#test/default-network.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { fromGroup, securityGroup } from '#test/security-groups.ts'
import { launch, logOf, register, runToStop, until } from '#test/tasks.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 200 }
const SERVED = 8080

let instance: Instance
let elb: sdk.ElasticLoadBalancingV2Client
let subnets: string[]
let vpc = ''

beforeAll(async () => {
  instance = await startInstance()
  elb = new sdk.ElasticLoadBalancingV2Client(instance.sdk)
  ;({ vpc, subnets } = await defaultNetwork(instance))
}, TIMEOUT_MS)
afterAll(() => instance?.down())

const balancer = async (Name: string, more: Partial<sdk.CreateLoadBalancerInput> = {}): Promise<sdk.LoadBalancer> =>
  (await elb.send(new sdk.CreateLoadBalancerCommand({ Name, Subnets: subnets, ...more }))).LoadBalancers![0]!

const listens = (to: sdk.LoadBalancer, Port: number, action: sdk.Action, certificate?: string): Promise<unknown> =>
  elb.send(
    new sdk.CreateListenerCommand({
      LoadBalancerArn: to.LoadBalancerArn,
      Protocol: certificate === undefined ? 'HTTP' : 'HTTPS',
      Port,
      ...(certificate === undefined ? {} : { Certificates: [{ CertificateArn: certificate }] }),
      DefaultActions: [action],
    }),
  )

const saying = (MessageBody: string): sdk.Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody },
})

const network = (...securityGroups: string[]) => ({
  networkConfiguration: { awsvpcConfiguration: { subnets: subnets.slice(0, 1), securityGroups } },
})

/** What a task in that group is answered at each of these, or "refused". */
const toldInside = async (group: string, ...urls: readonly string[]): Promise<string[]> => {
  const command = urls.map((url) => `timeout 5 wget -q -O - ${url} || echo refused`).join('; ')
  const task = await runToStop(instance, [{ command: ['sh', '-c', command] }], {}, network(group))
  return (await logOf(instance, task)).filter((line) => line !== 'Terminated')
}

describe('an application load balancer', () => {
  it(
    'is reached by whom its groups let in, and is the only one that gets to targets whose group says so',
    async () => {
      const asking = await securityGroup(instance, vpc, 'asking')
      const other = await securityGroup(instance, vpc, 'other')
      const front = await securityGroup(instance, vpc, 'front', fromGroup(asking, 'tcp', 80))
      const behind = fromGroup(front, 'tcp', SERVED)
      const app = await securityGroup(instance, vpc, 'app', behind)
      const serve = `mkdir /www && echo app > /www/index.html && exec httpd -f -p ${SERVED} -h /www`
      const family = await register(instance, [{ command: ['sh', '-c', serve], stopTimeout: 2 }])
      const [arn = ''] = await launch(instance, family, network(app))
      const details = (await until(instance, arn, 'RUNNING')).attachments?.[0]?.details ?? []
      const target = details.find(({ name }) => name === 'privateIPv4Address')?.value ?? ''
      const made = await elb.send(
        new sdk.CreateTargetGroupCommand({
          Name: 'app',
          Protocol: 'HTTP',
          Port: SERVED,
          VpcId: vpc,
          TargetType: 'ip',
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
          HealthyThresholdCount: 2,
        }),
      )
      const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn
      const web = await balancer('web', { SecurityGroups: [front] })
      await listens(web, 80, { Type: 'forward', TargetGroupArn })
      await elb.send(new sdk.RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: target }] }))
      const health = async (): Promise<sdk.TargetHealth | undefined> =>
        (await elb.send(new sdk.DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.[0]
          ?.TargetHealth
      await expect.poll(health, POLL).toEqual({ State: 'healthy' })

      const places = [`http://${web.DNSName}/`, `http://${target}:${SERVED}/`]
      expect(await toldInside(asking, ...places)).toEqual(['app', 'refused'])
      expect(await toldInside(other, ...places)).toEqual(['refused', 'refused'])

      await instance.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: app, IpPermissions: [behind] }))
      await expect
        .poll(health, POLL)
        .toEqual({ State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' })
      await instance.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: app, IpPermissions: [behind] }))
      await expect.poll(health, POLL).toEqual({ State: 'healthy' })
    },
    TIMEOUT_MS,
  )

  it(
    'that is internal answers in its VPC, and not on the host',
    async () => {
      const asking = await securityGroup(instance, vpc, 'asking-inside')
      const inside = await securityGroup(instance, vpc, 'inside', fromGroup(asking, 'tcp', 80))
      const inner = await balancer('inner', { Scheme: 'internal', SecurityGroups: [inside] })
      expect(inner.DNSName).toMatch(/^internal-inner-\d{10}\.us-east-1\.elb\.amazonaws\.com$/)
      await listens(inner, 80, saying('inner'))
      await sdk.waitUntilLoadBalancerAvailable({ client: elb, maxWaitTime: 60, minDelay: 1 }, { Names: ['inner'] })
      const told = async (): Promise<string> => (await instance.neargate('url', 'inner')).stdout
      await expect.poll(told, POLL).toMatch(/^inner is internal: it answers inside its VPC only, as internal-inner-/)
      expect(await told()).not.toMatch(/127\.|198\.1[89]\./)
      await expect.poll(() => toldInside(asking, `http://${inner.DNSName}/`), POLL).toEqual(['inner'])
    },
    TIMEOUT_MS,
  )

  it(
    'is a target of a network load balancer, whose clients need not be let in themselves',
    async () => {
      const asking = await securityGroup(instance, vpc, 'asking-outer')
      const outer = await securityGroup(instance, vpc, 'outer', fromGroup(asking, 'tcp', 80))
      const core = await securityGroup(instance, vpc, 'core', fromGroup(outer, 'tcp', 80))
      const behind = await balancer('core', { Scheme: 'internal', SecurityGroups: [core] })
      await listens(behind, 80, saying('core'))
      const made = await elb.send(
        new sdk.CreateTargetGroupCommand({
          Name: 'cores',
          Protocol: 'TCP',
          Port: 80,
          VpcId: vpc,
          TargetType: 'alb',
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
        }),
      )
      const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn
      await elb.send(new sdk.RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: behind.LoadBalancerArn }] }))
      const before = await balancer('outer', { Type: 'network', Scheme: 'internal', SecurityGroups: [outer] })
      const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }]
      await elb.send(
        new sdk.CreateListenerCommand({
          LoadBalancerArn: before.LoadBalancerArn,
          Protocol: 'TCP',
          Port: 80,
          DefaultActions,
        }),
      )
      const health = async () =>
        (await elb.send(new sdk.DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.[0]
          ?.TargetHealth?.State
      await expect.poll(health, POLL).toBe('healthy')
      const places = [`http://${before.DNSName}/`, `http://${behind.DNSName}/`]
      expect(await toldInside(asking, ...places)).toEqual(['core', 'refused'])
    },
    TIMEOUT_MS,
  )
})

describe('two load balancers', () => {
  const names = ['shop', 'blog'] as const
  let root = ''

  const heard = (host: string, port: number, servername: string): Promise<string> =>
    new Promise((resolve) => {
      const agent = new Agent({ ca: root })
      get({ host, port, servername, agent, path: '/', headers: { host: servername } }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () => resolve(text))
      }).on('error', (error) => resolve(error.message))
    })

  it(
    'both listen at port 443, each at an address and with a certificate of its own, and share a port by their names',
    async () => {
      const holder = createServer().listen(0, '127.0.0.1')
      await once(holder, 'listening')
      const { port } = holder.address() as { port: number }
      await new Promise((resolve) => holder.close(resolve))
      const acm = new ACMClient(instance.sdk)
      root = (await instance.neargate('ca')).stdout
      for (const name of names) {
        const made = await balancer(name)
        const DomainName = `${name}.us-east-1.elb.localhost`
        const { CertificateArn } = await acm.send(new RequestCertificateCommand({ DomainName }))
        for (const at of [443, port]) await listens(made, at, saying(name), CertificateArn)
      }
      const urls = async (name: string): Promise<string[]> =>
        (await instance.neargate('url', name)).stdout.split('\n').filter((line) => line.startsWith('https://127.'))
      const hosts = new Set<string>()
      for (const name of names) {
        await expect.poll(() => urls(name), POLL).toHaveLength(2)
        const [url = ''] = (await urls(name)).filter((one) => new URL(one).port === '')
        const { hostname } = new URL(url)
        hosts.add(hostname)
        const own = `${name}.us-east-1.elb.localhost`
        await expect.poll(() => heard(hostname, 443, own), POLL).toBe(name)
        await expect.poll(() => heard('127.0.0.1', port, own), POLL).toBe(name)
        // Nobody else's certificate is shown under this name.
        const [stranger = ''] = names.filter((one) => one !== name)
        expect(await heard(hostname, 443, `${stranger}.us-east-1.elb.localhost`)).toMatch(/altnames/)
      }
      expect(hosts.size).toBe(2)
    },
    TIMEOUT_MS,
  )
})
