// How the words of a question are understood, over records as the EC2 and ECS operations write them.

import { beforeEach, expect, test } from 'vitest'
import { knownCidr } from '#apis/ec2/model/cidr.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { newSubnet } from '#apis/ec2/model/subnet.ts'
import { newVpc } from '#apis/ec2/model/vpc.ts'
import { networkInterfaces, routeTables, securityGroups, subnets, vpcs } from '#apis/ec2/tables.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import { loadBalancerArn, taskArn } from '#aws/arn.ts'
import { seededRandom } from '#base/random.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { type AnsweredPath, explainPathRoute } from './explain-path.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const TASK = '0123456789abcdef0123456789abcdef'
const random = seededRandom(3)
const store = memoryStore()
const route = explainPathRoute({ store, egress: true, hostAddresses: () => ['203.0.113.7'] })
let account: string

const ask = async (source: string, destination: string, more: Record<string, string> = {}): Promise<AnsweredPath> => {
  const query = new URLSearchParams({ source, destination, ...more })
  const request = { query } as Parameters<typeof route.handle>[0]
  const { body } = await route.handle(request, { account, arn: '', userId: '' })
  return JSON.parse(body as string) as AnsweredPath
}

const balancer = (name: string, interfaceId?: string): LoadBalancerRecord => ({
  arn: loadBalancerArn(scope, `app/${name}/0123456789abcdef`),
  scope,
  name,
  id: '0123456789abcdef',
  type: 'application',
  scheme: 'internal',
  vpcId: 'vpc-1',
  dnsName: `internal-${name}-1.eu-west-1.elb.amazonaws.com`,
  createdAt: '2026-01-01T00:00:00.000Z',
  tags: [],
  spec: { subnets: [], securityGroupIds: [], ipAddressType: 'ipv4', attributes: {}, deleteRequested: false },
  status: {
    state: 'active',
    addresses:
      interfaceId === undefined
        ? []
        : [{ subnetId: 's', availabilityZone: 'z', networkInterfaceId: interfaceId, privateIp: '10.0.0.11' }],
  },
})

beforeEach(async () => {
  account = scope.account
  await store.write(async (tx) => {
    await tx.put(loadBalancers, balancer('new'))
    await tx.put(loadBalancers, balancer('web', 'eni-00000000000000011'))
    for (const cidr of ['10.0.0.0/16', '10.1.0.0/16']) {
      const made = newVpc({ scope, cidr: knownCidr(cidr), isDefault: false, tags: [], random })
      const { vpc, securityGroup } = made
      const subnet = newSubnet({
        vpc,
        others: [],
        cidr: knownCidr(cidr.replace('/16', '/24')),
        availabilityZone: 'eu-west-1a',
        defaultForAz: false,
        tags: [],
        random,
      })
      const second = cidr.split('.')[1]
      const eni = (number: number, more: Partial<NetworkInterfaceRecord['spec']> = {}): NetworkInterfaceRecord => ({
        id: `eni-0000000000000${second}${number.toString().padStart(3, '0')}`,
        scope,
        spec: {
          vpcId: vpc.id,
          subnetId: subnet.id,
          availabilityZone: 'eu-west-1a',
          privateIp: `10.${second}.0.${number}`,
          mac: `0a:00:00:00:00:${number}`,
          securityGroupIds: [securityGroup.id],
          description: '',
          tags: [],
          createdAt: '2026-01-01T00:00:00.000Z',
          deleteRequested: false,
          ...more,
        },
        status: { state: 'attached' },
      })
      await tx.put(vpcs, vpc)
      await tx.put(routeTables, made.routeTable)
      await tx.put(securityGroups, securityGroup)
      await tx.put(subnets, subnet)
      await tx.put(networkInterfaces, eni(10, second === '0' ? { ownerArn: taskArn(scope, 'c', TASK) } : {}))
      await tx.put(networkInterfaces, eni(11, { publicIp: `198.18.${second}.11` }))
      await tx.put(networkInterfaces, eni(12, { isAddressOnly: true }))
    }
    await tx.put(tasks, { arn: taskArn(scope, 'c', TASK), scope, spec: {}, status: {} } as TaskRecord)
  })
})

test('a task is meant by its id and by its ARN, and a rule is named by its id', async () => {
  for (const source of [TASK, taskArn(scope, 'c', TASK)]) {
    const { from, to, protocol, port, allowed, steps } = await ask(source, 'eni-00000000000000011', { port: '80' })
    expect({ from, to, protocol, port, allowed }).toEqual({
      from: { interfaceId: 'eni-00000000000000010' },
      to: '10.0.0.11',
      protocol: 'tcp',
      port: 80,
      allowed: true,
    })
    expect(steps[0]?.by).toMatch(/^sgr-/)
    expect(steps.find(({ asked }) => asked === 'route')?.id).toMatch(/^rtb-/)
  }
})

test('an address means the interface that has it; from elsewhere an interface is reached under its public one', async () => {
  expect((await ask('10.1.0.10', '10.1.0.11')).from).toEqual({ interfaceId: 'eni-00000000000001010' })
  expect((await ask('198.18.0.11', '198.51.100.7')).from).toEqual({ interfaceId: 'eni-00000000000000011' })
  expect(await ask(TASK, 'eni-00000000000001011')).toMatchObject({ to: '198.18.1.11', protocol: 'icmp', port: 8 })
  expect(await ask('203.0.113.9', '198.18.1.11')).toMatchObject({ from: { outside: '203.0.113.9' }, allowed: false })
  expect((await ask('host', '198.18.1.11')).from).toBe('host')
})

test('a load balancer is where its first interface is, by its name or ARN', async () => {
  expect(await ask('web', TASK, { port: '80' })).toMatchObject({ from: { interfaceId: 'eni-00000000000000011' } })
  expect(await ask(TASK, balancer('web').arn, { port: '80' })).toMatchObject({ to: '10.0.0.11', port: 80 })
})

test.each([
  [TASK, 'my-balancer', {}, /no task, network interface, address or load balancer/],
  ['new', TASK, {}, /load balancer new has no network interface yet/],
  ['ffffffffffffffffffffffffffffffff', TASK, {}, /there is no task/],
  ['eni-00000000000009999', TASK, {}, /there is no network interface/],
  ['eni-00000000000000012', TASK, {}, /has no attached network interface/],
  ['10.0.0.99', TASK, {}, /no attached network interface has 10\.0\.0\.99/],
  [TASK, '10.0.0.11', { protocol: 'tcp' }, /say to which port/],
  [TASK, '10.0.0.11', { port: '70000' }, /no port/],
  [TASK, '10.0.0.11', { protocol: 'gre', port: '1' }, /none of tcp, udp and icmp/],
  ['', TASK, {}, /from where to where/],
])('%s to %s %j is refused: %s', async (source, destination, more, message) => {
  await expect(ask(source, destination, more)).rejects.toThrow(message)
})

test('nothing is told of the interfaces of another account', async () => {
  account = '000000000002'
  await expect(ask(TASK, '10.0.0.11')).rejects.toThrow(/there is no task/)
  await expect(ask('eni-00000000000000011', '10.0.0.11')).rejects.toThrow(/there is no network interface/)
  await expect(ask('10.0.0.11', '10.0.0.10')).rejects.toThrow(/no attached network interface/)
})
