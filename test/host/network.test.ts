// Goal: what a task has of its network, and what it cannot reach over it, on a whole instance.
// Method: tasks that sleep; what they see is asked from inside of their network namespaces.

import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ec2 from '@aws-sdk/client-ec2'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { RunTaskCommand, type Task } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '#base/run.ts'
import { rootCredentials } from '#cli/instance.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { register, until } from '#test/tasks.ts'

const SLEEP = [{ command: ['sleep', '3600'] }]

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

const running = async (subnet: string, groups: readonly string[] = []): Promise<Task> => {
  const taskDefinition = await register(instance, SLEEP)
  const awsvpcConfiguration = { subnets: [subnet], ...(groups.length === 0 ? {} : { securityGroups: [...groups] }) }
  const request = { taskDefinition, launchType: 'FARGATE', networkConfiguration: { awsvpcConfiguration } } as const
  const { tasks } = await instance.ecs.send(new RunTaskCommand(request))
  return until(instance, tasks?.[0]?.taskArn ?? '', 'RUNNING')
}
const detail = (task: Task, name: string): string =>
  task.attachments?.[0]?.details?.find((each) => each.name === name)?.value ?? ''
const inside = async (
  task: Task,
  ...command: readonly string[]
): Promise<{ stdout: string; exitCode: number | undefined }> => {
  const path = join(instance.config.runDir, 'netns', detail(task, 'networkInterfaceId'))
  return runToEnd('nsenter', [`--net=${path}`, ...command])
}
const asked = async (task: Task, url: string): Promise<string> =>
  (await inside(task, 'curl', '-s', '-m', '3', '--path-as-is', '--noproxy', '*', url)).stdout

describe('a task in a dual-stack subnet', () => {
  it('has an IPv6 address, shows it, and is reached under it as its groups allow', async () => {
    const send = instance.ec2.send.bind(instance.ec2)
    const { Vpc } = await send(
      new ec2.CreateVpcCommand({ CidrBlock: '10.7.0.0/16', AmazonProvidedIpv6CidrBlock: true }),
    )
    const VpcId = Vpc!.VpcId!
    const { Vpcs } = await send(new ec2.DescribeVpcsCommand({ VpcIds: [VpcId] }))
    const block = Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!
    const Ipv6CidrBlock = block.replace('/56', '/64')
    const { Subnet } = await send(new ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.7.1.0/24', Ipv6CidrBlock }))
    const SubnetId = Subnet!.SubnetId!
    await send(new ec2.ModifySubnetAttributeCommand({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } }))
    const group = async (GroupName: string): Promise<string> =>
      (await send(new ec2.CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }))).GroupId!
    const [server, clients] = [await group('server'), await group('clients')]
    // Of AWS's default egress rule there is only the one for IPv4.
    const everything = [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }]
    await send(new ec2.AuthorizeSecurityGroupEgressCommand({ GroupId: clients, IpPermissions: everything }))
    const [a, b] = [await running(SubnetId, [clients]), await running(SubnetId, [server])]
    const [own, other] = [a, b].map((task) => task.containers![0]!.networkInterfaces![0]!.ipv6Address!) as [
      string,
      string,
    ]
    expect(own.slice(0, 9)).toBe(block.slice(0, 9))
    expect(detail(a, 'ipv6Address')).toBe(own)
    const { NetworkInterfaces } = await send(
      new ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [detail(a, 'networkInterfaceId')] }),
    )
    expect(NetworkInterfaces![0]!.Ipv6Addresses).toMatchObject([{ Ipv6Address: own }])
    const uri = `http://169.254.170.2/v4/${a.containers![0]!.runtimeId}`
    expect(JSON.parse(await asked(a, uri))).toMatchObject({
      Networks: [{ IPv6Addresses: [own], IPv6SubnetCIDRBlock: Ipv6CidrBlock }],
    })

    const ping = async (): Promise<boolean> =>
      (await inside(a, 'busybox', 'ping', '-6', '-c', '1', '-W', '2', other)).exitCode === 0
    expect(await ping()).toBe(false)
    const icmp = (CidrIpv6: string) => [{ IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, Ipv6Ranges: [{ CidrIpv6 }] }]
    await send(
      new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: server, IpPermissions: icmp('2001:db8:ffff::/48') }),
    )
    expect(await ping()).toBe(false)
    await send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: server, IpPermissions: icmp(`${own}/128`) }))
    await expect.poll(ping, { timeout: 10_000 }).toBe(true)

    // A load balancer in the same subnet is found and reached under such an address, too.
    const http = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, Ipv6Ranges: [{ CidrIpv6: `${own}/128` }] }]
    await send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: server, IpPermissions: http }))
    const balancers = new elb.ElasticLoadBalancingV2Client(instance.sdk)
    const { LoadBalancers } = await balancers.send(
      new elb.CreateLoadBalancerCommand({
        Name: 'both',
        Type: 'network',
        Scheme: 'internal',
        IpAddressType: 'dualstack',
        SecurityGroups: [server],
        Subnets: [SubnetId],
      }),
    )
    const { LoadBalancerArn, DNSName } = LoadBalancers![0]!
    const { TargetGroups } = await balancers.send(
      new elb.CreateTargetGroupCommand({ Name: 'both', TargetType: 'ip', Protocol: 'TCP', Port: 80, VpcId }),
    )
    const TargetGroupArn = TargetGroups![0]!.TargetGroupArn!
    await balancers.send(
      new elb.CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'TCP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    )
    const named = async (): Promise<string[]> => {
      const { stdout } = await inside(a, 'busybox', 'nslookup', '-type=aaaa', DNSName!, '10.7.0.2')
      return [...stdout.matchAll(/^Address: (\S*:\S*)$/gm)].map(([, address = '']) => address)
    }
    await expect.poll(named, { timeout: 60_000 }).toEqual([expect.stringMatching(block.slice(0, 9))])
    const [address = ''] = await named()
    const connects = async (from: Task): Promise<boolean> =>
      (await inside(from, 'busybox', 'nc', '-w', '3', address, '80')).exitCode === 0
    await expect.poll(() => connects(a), { timeout: 60_000 }).toBe(true)
    expect(await connects(b)).toBe(false)
  })
})

describe('a hostile task', () => {
  /** Nobody may read this over the network. */
  const secret = `secret-${randomUUID()}`
  let task: Task
  beforeAll(async () => {
    writeFileSync(join(instance.dataDir, 'secret.txt'), secret)
    task = await running(instance.subnet)
  })

  const places = (): string[] => [
    'http://169.254.170.2',
    'http://169.254.170.4:4566',
    'http://169.254.170.2/v4',
    'http://169.254.170.4:4566/_neargate',
  ]

  it('reads no file of Neargate, whatever path it asks for', async () => {
    const { secretAccessKey } = rootCredentials(instance.config)
    const up = '../'.repeat(12)
    const paths = ['secret.txt', 'store/', 'root.json', ''].flatMap((name) => {
      const file = `${instance.dataDir.slice(1)}/${name}`
      return [file, up + file, encodeURIComponent(up + file), `%2e%2e/${up}${file}`, `..;/${up}${file}`]
    })
    const answers = await Promise.all(
      places().flatMap((place) => paths.map(async (path) => asked(task, `${place}/${path}`))),
    )
    for (const answer of answers) {
      expect(answer).not.toContain(secret)
      expect(answer).not.toContain(secretAccessKey)
      expect(answer).not.toContain('SQLite format')
    }
    // The file that was not given out is there.
    expect(readFileSync(join(instance.dataDir, 'secret.txt'), 'utf8')).toBe(secret)
  })

  it("is refused by Neargate's own routes without a signature, and changes nothing by them", async () => {
    const own = ['images', 'reset', 'tasks', 'engine']
    for (const name of own) {
      for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
        const url = `http://169.254.170.4:4566/_neargate/${name}`
        const args = ['-s', '-m', '3', '-o', '/dev/null', '-w', '%{http_code}', '-X', method, '--noproxy', '*', url]
        const { stdout } = await inside(task, 'curl', ...args)
        expect(`${method} ${name} ${stdout}`).toMatch(/ (403|404|405)$/)
      }
    }
    expect(await instance.client.own('GET', '/_neargate/images')).toBeDefined()
  })

  it('finds nothing that listens but metadata, names and the API', async () => {
    const { endpoint } = JSON.parse(readFileSync(join(instance.config.runDir, 'server.json'), 'utf8')) as {
      endpoint: string
    }
    const [, gateway = ''] = /via (\S+)/.exec((await inside(task, 'ip', 'route', 'show', 'default')).stdout) ?? []
    const addresses = ['127.0.0.1', gateway, '169.254.170.2', '169.254.170.4', '169.254.169.253', '169.254.64.0']
    const ports = [22, 53, 80, 111, 443, 2049, 4566, 5432, Number(new URL(endpoint).port)]
    const found = await Promise.all(
      addresses.flatMap((address) =>
        ports.map(async (port) => {
          const { exitCode } = await inside(task, 'busybox', 'nc', '-w', '2', address, `${port}`, '-e', 'true')
          return exitCode === 0 ? [`${address}:${port}`] : []
        }),
      ),
    )
    expect(found.flat().toSorted()).toEqual(['169.254.169.253:53', '169.254.170.2:80', '169.254.170.4:4566'])
  })

  it('is told nothing of another task by the metadata endpoint', async () => {
    const other = await running(instance.subnet)
    const [own, foreign] = [task, other].map((each) => each.containers![0]!.runtimeId!) as [string, string]
    expect(await asked(task, `http://169.254.170.2/v4/${own}/task`)).toContain(task.taskArn)
    for (const path of ['', '/task', '/stats', '/task/stats']) {
      const answer = await asked(task, `http://169.254.170.2/v4/${foreign}${path}`)
      expect(answer).not.toContain(other.taskArn)
      expect(answer).not.toContain(detail(other, 'privateIPv4Address'))
    }
  })
})
