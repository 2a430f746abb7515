// Goal: an Application Load Balancer in front of real tasks, as its user sees it: made with AWS's own client, reached from
// the host, HTTPS with a certificate that was asked for, drained without an error, and still there when the server dies.
// Method: the real instance, busybox's web server as task, the SDKs, plain HTTP clients.

import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { get as httpsGet } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { StopTaskCommand } from '@aws-sdk/client-ecs'
import {
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  DescribeNetworkInterfacesCommand,
} from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerAttributesCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  waitUntilLoadBalancerAvailable,
  waitUntilTargetInService,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultNetwork, openPorts } from '#test/default-network.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { launch, logOf, register, runToStop, until } from '#test/tasks.ts'

let instance: Instance
let elb: ElasticLoadBalancingV2Client
let subnets: string[]
let groupArn = ''
let balancerArn = ''
const tasks: { readonly arn: string; readonly ip: string }[] = []

const WAIT = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 }

beforeAll(async () => {
  instance = await startInstance()
  elb = new ElasticLoadBalancingV2Client(instance.sdk)
  const network = await defaultNetwork(instance)
  subnets = network.subnets
  await openPorts(instance, 80, 443)
  const family = await register(instance, [
    {
      command: ['sh', '-c', 'mkdir /www && hostname > /www/index.html && exec httpd -f -p 8080 -h /www'],
      stopTimeout: 2,
    },
  ])
  for (const subnet of subnets) {
    const [arn = ''] = await launch(instance, family, {
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnet] } },
    })
    const task = await until(instance, arn, 'RUNNING')
    const details = task.attachments?.[0]?.details ?? []
    tasks.push({ arn, ip: details.find(({ name }) => name === 'privateIPv4Address')?.value ?? '' })
  }
  const made = await elb.send(
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
  groupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
})

afterAll(() => instance?.down())

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const urlOf = async (scheme: 'http' | 'https'): Promise<string> => {
  const { stdout } = await instance.neargate('url', 'front')
  return stdout.split('\n').find((line) => line.startsWith(`${scheme}:`)) ?? ''
}

const names = async (url: string, count: number): Promise<Set<string>> => {
  const found = new Set<string>()
  for (let index = 0; index < count; index++) {
    const response = await fetch(url, { headers: { connection: 'close' } })
    expect(response.status).toBe(200)
    found.add((await response.text()).trim())
  }
  return found
}

describe('an application load balancer', () => {
  it('is active, has interfaces that EC2 shows as its own, and shares requests among healthy tasks', async () => {
    const made = await elb.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: subnets }))
    balancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
      }),
    )
    const Targets = tasks.map(({ ip }) => ({ Id: ip }))
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: groupArn, Targets }))
    await waitUntilLoadBalancerAvailable({ client: elb, ...WAIT }, { LoadBalancerArns: [balancerArn] })
    await waitUntilTargetInService({ client: elb, ...WAIT }, { TargetGroupArn: groupArn })
    const { NetworkInterfaces } = await instance.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'requester-id', Values: ['amazon-elb'] }] }),
    )
    expect(NetworkInterfaces?.map(({ Description }) => Description)).toEqual(
      subnets.map(() => expect.stringMatching(/^ELB app\/front\/[0-9a-f]{16}$/)),
    )
    const url = await urlOf('http')
    expect(url).toMatch(/^http:\/\/127\./)
    expect((await names(url, 8)).size).toBe(2)
  })

  it('does what the attributes of its listeners and target groups say', async () => {
    const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancerArn }))
    const ListenerArn = Listeners?.[0]?.ListenerArn ?? ''
    const url = await urlOf('http')
    const headers = async (): Promise<Headers> => (await fetch(url, { headers: { connection: 'close' } })).headers
    expect(await headers().then((found) => found.get('x-frame-options'))).toBeNull()
    const frame = 'routing.http.response.x_frame_options.header_value'
    await elb.send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes: [{ Key: frame, Value: 'DENY' }] }))
    const cookie = async (): Promise<string> => (await headers()).getSetCookie().join()
    await expect.poll(async () => (await headers()).get('x-frame-options'), { timeout: 20_000 }).toBe('DENY')
    const sticky = async (Value: string) =>
      elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: groupArn,
          Attributes: [{ Key: 'stickiness.enabled', Value }],
        }),
      )
    await sticky('true')
    await expect.poll(cookie, { timeout: 20_000 }).toMatch(/AWSALB=.*AWSALBCORS=/)
    await sticky('false')
    await expect.poll(cookie, { timeout: 20_000 }).toBe('')
  })

  it('answers on the host under a name below localhost, at its own port', async () => {
    const port = await freePort()
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancerArn,
        Protocol: 'HTTP',
        Port: port,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
      }),
    )
    const wanted = `http://front.us-east-1.elb.localhost:${port}`
    const told = async (): Promise<string> => (await instance.neargate('url', 'front', '--json')).stdout
    await expect.poll(told, { timeout: 20_000 }).toContain(`"localUrl": "${wanted}"`)
    const served = async (): Promise<string> => (await instance.withAws('curl', '-s', `${wanted}/`)).stdout
    await expect.poll(served, { timeout: 20_000 }).toMatch(/^ip-172-31-/)
  })

  it('serves also at a port that another program of the host has, from its public address', async () => {
    const holder = createServer().listen(0, '0.0.0.0')
    await once(holder, 'listening')
    const { port: Port } = holder.address() as { port: number }
    const added = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancerArn,
        Protocol: 'HTTP',
        Port,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
      }),
    )
    await instance.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupName: 'default',
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: Port, ToPort: Port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      }),
    )
    const told = async (): Promise<string> => (await instance.neargate('url', 'front')).stdout
    await expect.poll(told, { timeout: 20_000 }).toMatch(new RegExp(`^http://198\\.1[89]\\.\\S+:${Port}$`, 'm'))
    const [url = ''] = (await told()).split('\n').filter((line) => line.endsWith(`:${Port}`))
    const served = async (): Promise<string> => (await instance.withAws('curl', '-s', '-m', '5', url)).stdout
    await expect.poll(served, { timeout: 60_000 }).toMatch(/^ip-172-31-/)
    await elb.send(new DeleteListenerCommand({ ListenerArn: added.Listeners?.[0]?.ListenerArn ?? '' }))
    holder.close()
  })

  it('is found under its name by a task of its VPC', async () => {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancerArn] }))
    const name = LoadBalancers?.[0]?.DNSName ?? ''
    const asks = `nslookup ${name} | grep -c '^Address: 172.31[0-9.]*$'; wget -q -O - http://${name}/`
    const task = await runToStop(instance, [{ command: ['sh', '-c', asks] }])
    const [addresses, served] = await logOf(instance, task)
    expect(Number(addresses)).toBe(subnets.length)
    expect(served).toMatch(/^ip-172-31-/)
  })

  it('is found by a task of another VPC at its public addresses', async () => {
    const { ec2 } = instance
    const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))).Vpc?.VpcId ?? ''
    const gateway = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId ?? ''
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: gateway }))
    const made = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.9.0.0/24' }))
    const found = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }))
    await ec2.send(
      new CreateRouteCommand({
        RouteTableId: found.RouteTables?.[0]?.RouteTableId ?? '',
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: gateway,
      }),
    )
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancerArn] }))
    const name = LoadBalancers?.[0]?.DNSName ?? ''
    const asks = `nslookup ${name} | grep -c '^Address: 198.1[0-9.]*$'; wget -q -O - http://${name}/`
    const awsvpcConfiguration = { subnets: [made.Subnet?.SubnetId ?? ''], assignPublicIp: 'ENABLED' as const }
    const task = await runToStop(
      instance,
      [{ command: ['sh', '-c', asks] }],
      {},
      { networkConfiguration: { awsvpcConfiguration } },
    )
    const [addresses, served] = await logOf(instance, task)
    expect(Number(addresses)).toBe(subnets.length)
    expect(served).toMatch(/^ip-172-31-/)
  })

  it('speaks HTTPS with a certificate that the instance’s own authority issued', async () => {
    const acm = new ACMClient(instance.sdk)
    const { CertificateArn } = await acm.send(new RequestCertificateCommand({ DomainName: 'shop.example.com' }))
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancerArn,
        Protocol: 'HTTPS',
        Port: 443,
        Certificates: [{ CertificateArn: CertificateArn ?? '' }],
        DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
      }),
    )
    const root = (await instance.neargate('ca')).stdout
    const url = new URL(await urlOf('https'))
    const status = (): Promise<number | string> =>
      new Promise((resolve) => {
        httpsGet(
          { host: url.hostname, port: url.port, servername: 'shop.example.com', ca: root, agent: false, path: '/' },
          (response) => resolve(response.statusCode ?? 0),
        ).on('error', (error) => resolve(error.message))
      })
    await expect.poll(status, { timeout: 20_000 }).toBe(200)
    // The key is in no file of the instance's data.
    const { stdout } = await instance.withAws('grep', '-rl', 'BEGIN PRIVATE KEY', join(instance.dataDir, 'store'))
    expect(stdout).toBe('')
    expect(readFileSync(join(instance.dataDir, 'vault.key')).length).toBeGreaterThan(0)
  })

  it('drains a target without an error, serves on while the control plane is dead, and is found again', async () => {
    const url = await urlOf('http')
    const wrong: string[] = []
    let isOver = false
    const client = (async (): Promise<void> => {
      while (!isOver) {
        const answer = await fetch(url, { headers: { connection: 'close' } }).then(
          ({ status }) => status,
          (error: unknown) => String(error),
        )
        if (answer !== 200) wrong.push(String(answer))
      }
    })()
    const [leaving] = tasks
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: groupArn, Targets: [{ Id: leaving?.ip }] }))
    const health = async (): Promise<(string | undefined)[]> =>
      (
        (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }))).TargetHealthDescriptions ?? []
      ).map(({ TargetHealth }) => TargetHealth?.State)
    await expect.poll(health, { timeout: 20_000 }).toEqual(['healthy'])
    await instance.ecs.send(new StopTaskCommand({ task: leaving?.arn ?? '' }))
    await instance.kill()
    expect((await names(url, 5)).size).toBe(1)
    await instance.up()
    await expect.poll(health, { timeout: 20_000 }).toEqual(['healthy'])
    isOver = true
    await client
    expect(wrong).toEqual([])
  })

  it('is measured, by CloudWatch’s names', async () => {
    const url = await urlOf('http')
    await names(url, 3)
    const dimension = `LoadBalancer=${balancerArn.split(':loadbalancer/')[1]}`
    const told = async (): Promise<Set<string>> => {
      const { stdout } = await instance.neargate('metrics', '--period', '1', '--dimension', dimension)
      return new Set(stdout.split('\n').map((line) => line.split(' ')[1] ?? ''))
    }
    const expected = ['RequestCount', 'RequestCountPerTarget', 'HTTPCode_Target_2XX_Count', 'TargetResponseTime']
    await expect
      .poll(told, { timeout: 30_000 })
      .toEqual(expect.toSatisfy((found: Set<string>) => expected.every((name) => found.has(name))))
  })

  it('shows its last requests, and keeps an access log where it is to have one', async () => {
    const url = await urlOf('http')
    const wish = (enabled: string): Promise<unknown> =>
      elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: balancerArn,
          Attributes: [
            { Key: 'access_logs.s3.enabled', Value: enabled },
            { Key: 'access_logs.s3.bucket', Value: 'logs' },
          ],
        }),
      )
    await wish('true')
    const folder = join(instance.dataDir, 'access-logs')
    await expect.poll(() => existsSync(join(folder, '.spool')), { timeout: 20_000 }).toBe(true)
    const line = /^http \S+ app\/front\/\w+ .* 404 404 .*\/logged HTTP\/1.1" "a \\x22quoted\\x22 one" .* "forward" /m
    // A moment may pass until the load balancer writes down all of it.
    const shown = async (): Promise<string> => {
      await fetch(`${url}/logged`, { headers: { 'user-agent': 'a "quoted" one' } })
      return (await instance.neargate('logs', '--load-balancer', 'front')).stdout
    }
    await expect.poll(shown, { timeout: 20_000 }).toMatch(line)
    const spooled = (): string =>
      readdirSync(join(folder, '.spool'))
        .map((name) => readFileSync(join(folder, '.spool', name), 'utf8'))
        .join('')
    await expect.poll(spooled, { timeout: 20_000 }).toContain('/logged HTTP/1.1')
    // What there is, is published when nothing more is to be logged.
    await wish('false')
    const published = (): string[] =>
      readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.log.gz'))
    await expect.poll(() => published().length, { timeout: 20_000 }).toBe(1)
    const [name = ''] = published()
    expect(name).toMatch(/^logs\/AWSLogs\/\d{12}\/elasticloadbalancing\/us-east-1\/.*_app\.front\.\w+_\d{8}T\d{4}Z_/)
    expect(gunzipSync(readFileSync(join(folder, name))).toString()).toMatch(line)
  })

  it('leaves nothing when it is deleted', async () => {
    const url = await urlOf('http')
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancerArn }))
    const reached = (): Promise<boolean> =>
      fetch(url).then(
        () => true,
        () => false,
      )
    await expect.poll(reached, { timeout: 20_000 }).toBe(false)
    const interfaces = async (): Promise<number> =>
      (
        await instance.ec2.send(
          new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'requester-id', Values: ['amazon-elb'] }] }),
        )
      ).NetworkInterfaces?.length ?? 0
    await expect.poll(interfaces, { timeout: 20_000 }).toBe(0)
  })
})
