import { expect, test } from 'vitest'
import type {
  NatGatewayRecord,
  NetworkAclRecord,
  NetworkInterfaceRecord,
  PrefixListRecord,
  RouteTableRecord,
  VpcEndpointRecord,
} from '#apis/ec2/model/records.ts'
import { newVpc } from '#apis/ec2/model/vpc.ts'
import { knownCidr } from '#apis/ec2/model/cidr.ts'
import { newSubnet } from '#apis/ec2/model/subnet.ts'
import { Fault } from '#base/fault.ts'
import { seededRandom } from '#base/random.ts'
import { endpointServices } from './endpoint-services.ts'
import { ATTACH_ATTEMPTS } from './limits.ts'
import { differences, failureToRecord, interfacePlan, nextStep, vpcServicesPlan } from './plan.ts'
import { vpcPlan, type VpcRows } from './vpc-plan.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const random = seededRandom(7)
const { vpc, routeTable, securityGroup } = newVpc({
  scope,
  cidr: knownCidr('10.0.0.0/16'),
  isDefault: false,
  tags: [],
  random,
})
const subnet = newSubnet({
  vpc,
  others: [],
  cidr: knownCidr('10.0.1.0/24'),
  availabilityZone: 'eu-west-1a',
  defaultForAz: false,
  tags: [],
  random,
})
const rows: VpcRows = {
  vpc,
  subnets: [subnet],
  securityGroups: [securityGroup],
  routeTables: [routeTable],
  internetGateways: [],
}

const record = (state: NetworkInterfaceRecord['status']['state'], deleteRequested = false): NetworkInterfaceRecord => ({
  id: 'eni-1',
  scope,
  spec: {
    vpcId: vpc.id,
    subnetId: subnet.id,
    availabilityZone: 'eu-west-1a',
    privateIp: '10.0.1.9',
    mac: '0a:00:00:00:00:01',
    securityGroupIds: [securityGroup.id],
    description: '',
    tags: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    deleteRequested,
  },
  status: { state },
})
const made = interfacePlan(record('attached'))

test('only a network load balancer without groups is unguarded', () => {
  const { spec, ...rest } = record('attached')
  const guarded = (change: Partial<typeof spec>): boolean =>
    interfacePlan({ ...rest, spec: { ...spec, ...change } }).isUnguarded !== true
  expect(guarded({ interfaceType: 'network_load_balancer', securityGroupIds: [] })).toBe(false)
  expect(guarded({ interfaceType: 'network_load_balancer' })).toBe(true)
  expect(guarded({ securityGroupIds: [] })).toBe(true)
})

test.each([
  ['pending', false, undefined, 'attach'],
  ['pending', true, undefined, 'detach'],
  ['attached', false, undefined, 'attach'],
  ['attached', false, made, 'rest'],
  ['attached', false, { ...made, securityGroupIds: [] }, 'update'],
  ['attached', true, made, 'detach'],
  ['failed', false, undefined, 'rest'],
  ['failed', true, undefined, 'detach'],
] as const)('an interface that is %s (deletion: %s), made as %j: %s', (state, deleteRequested, known, step) => {
  expect(nextStep(record(state, deleteRequested), known).do).toBe(step)
})

const routed = (target: string, subnetId?: string): RouteTableRecord => ({
  ...routeTable,
  id: `rtb-${target}`,
  isMain: subnetId === undefined,
  associations: [{ id: 'rtbassoc-1', ...(subnetId === undefined ? {} : { subnetId }) }],
  routes: [...routeTable.routes, { destinationCidr: '0.0.0.0/0', target }],
})

const nat: NatGatewayRecord = {
  id: 'nat-1',
  scope,
  vpcId: vpc.id,
  subnetId: 'subnet-public',
  connectivityType: 'public',
  publicIp: '198.18.0.9',
  networkInterfaceId: 'eni-nat',
  privateIp: '10.0.1.200',
  state: 'available',
  createdAt: '2026-01-01T00:00:00.000Z',
  tags: [],
}

test.each([
  ['no default route', [routeTable], [], undefined],
  ['by an attached gateway', [routed('igw-1')], ['igw-1'], 'internet-gateway'],
  ['by a gateway that was detached', [routed('igw-1')], [], 'blackhole'],
  [
    'by a NAT gateway that has a way out itself',
    [routed('nat-1'), routed('igw-1', 'subnet-public')],
    ['igw-1'],
    'nat-1',
  ],
  ['by a NAT gateway that has none', [routed('nat-1')], ['igw-1'], 'blackhole'],
  ['by a NAT gateway that is gone', [routed('nat-2'), routed('igw-1', 'subnet-public')], ['igw-1'], 'blackhole'],
  ['by an interface', [routed('eni-1')], [], 'blackhole'],
  ['by an endpoint', [routed('vpce-1')], [], undefined],
  [
    "by the subnet's own table, not the main one",
    [routed('igw-1'), routed('eni-1', subnet.id)],
    ['igw-1'],
    'blackhole',
  ],
] as const)('the way out of a subnet: %s', (_what, routeTables, gateways, target) => {
  const internetGateways = gateways.map((id) => ({ id, scope, vpcId: vpc.id, tags: [] }))
  const plan = vpcPlan({ ...rows, routeTables, internetGateways, natGateways: [nat] })
  const routes = target === undefined ? [] : [{ destination: '0.0.0.0/0', target }]
  expect(plan.subnets[0]?.routes).toEqual(routes.map((route) => ({ ...route, targetId: expect.any(String) })))
  // The network refuses a route to a gateway that it has not been told of.
  expect(target !== 'nat-1' || plan.natGateways?.length === 1).toBe(true)
})

test.each([
  ['checks source and destination', {}, 'blackhole', []],
  ['does not', { sourceDestCheck: false }, 'eni-1', ['eni-1']],
  ['does not, and has nothing behind it', { sourceDestCheck: false, isAddressOnly: true }, 'blackhole', []],
] as const)('a route to an interface that %s', (_what, more, target, forwarders) => {
  const plain = record('attached')
  const routedInterfaces = [{ ...plain, spec: { ...plain.spec, ...more } }]
  const plan = vpcPlan({ ...rows, routeTables: [routed('eni-1')], routedInterfaces })
  expect(plan.subnets[0]?.routes).toEqual([{ destination: '0.0.0.0/0', target, targetId: 'eni-1' }])
  expect(plan.forwarders?.map(({ id }) => id)).toEqual(forwarders)
})

test('rules and routes that name a prefix list have its blocks', () => {
  const list: PrefixListRecord = {
    id: 'pl-1',
    scope,
    name: 'offices',
    addressFamily: 'IPv4',
    maxEntries: 5,
    version: 1,
    entries: [{ cidr: '192.0.2.0/24' }, { cidr: '198.51.100.0/24' }],
    tags: [],
  }
  const named = { id: 'sgr-1', direction: 'ingress', protocol: '-1', prefixListId: 'pl-1', tags: [] } as const
  const plan = vpcPlan({
    ...rows,
    securityGroups: [{ ...securityGroup, rules: [named] }],
    routeTables: [{ ...routeTable, routes: [{ destinationPrefixListId: 'pl-1', target: 'igw-1' }] }],
    prefixLists: [list],
  })
  const cidrs = ['192.0.2.0/24', '198.51.100.0/24']
  expect(plan.securityGroups[0]?.ingress).toEqual([{ id: 'sgr-1', protocol: '-1', cidrs }])
  expect(plan.subnets[0]).toMatchObject({
    routeTableId: routeTable.id,
    routes: cidrs.map((destination) => ({ destination, target: 'blackhole', targetId: 'igw-1' })),
  })
})

test('a subnet has the network ACL that names it, in the order of its numbers, else the default one', () => {
  const entry = { direction: 'ingress', action: 'allow', protocol: '6', cidrIpv4: '0.0.0.0/0' } as const
  const acl: NetworkAclRecord = {
    id: 'acl-1',
    scope,
    vpcId: vpc.id,
    isDefault: true,
    entries: [],
    associations: [],
    tags: [],
  }
  const own: NetworkAclRecord = {
    ...acl,
    id: 'acl-2',
    isDefault: false,
    associations: [{ id: 'aclassoc-1', subnetId: subnet.id }],
    entries: [
      { ...entry, ruleNumber: 200, fromPort: 80, toPort: 80 },
      { ...entry, ruleNumber: 100, protocol: '1', icmpType: 8, action: 'deny' },
    ],
  }
  expect(vpcPlan({ ...rows, networkAcls: [acl] }).subnets[0]?.networkAclId).toBe('acl-1')
  const plan = vpcPlan({ ...rows, networkAcls: [acl, own] })
  expect(plan.subnets[0]?.networkAclId).toBe('acl-2')
  expect(plan.networkAcls?.[1]?.entries).toEqual([
    {
      ruleNumber: 100,
      direction: 'ingress',
      action: 'deny',
      protocol: '1',
      cidr: '0.0.0.0/0',
      fromPort: 8,
      toPort: -1,
    },
    {
      ruleNumber: 200,
      direction: 'ingress',
      action: 'allow',
      protocol: '6',
      cidr: '0.0.0.0/0',
      fromPort: 80,
      toPort: 80,
    },
  ])
})

test('an interface that is an address only is never attached', () => {
  const only = (deleteRequested: boolean): NetworkInterfaceRecord => {
    const plain = record('attached', deleteRequested)
    return { ...plain, spec: { ...plain.spec, isAddressOnly: true } }
  }
  expect([nextStep(only(false), undefined).do, nextStep(only(true), undefined).do]).toEqual(['rest', 'forget'])
  expect(differences({ vpcs: [], interfaces: [] }, [only(false)])).toMatchObject({
    missingInterfaces: new Set(),
    missingVpcs: new Set(),
  })
})

test('the default group lets its members in and everything out', () => {
  expect(vpcPlan(rows).securityGroups).toEqual([
    {
      id: securityGroup.id,
      ingress: [{ id: expect.any(String), protocol: '-1', groupId: securityGroup.id }],
      egress: [{ id: expect.any(String), protocol: '-1', cidr: '0.0.0.0/0' }],
    },
  ])
})

test('a rule that names a group that is gone lets nobody in', () => {
  const stale = { id: 'sgr-1', direction: 'ingress', protocol: '-1', referencedGroupId: 'sg-gone', tags: [] } as const
  const groups = [{ ...securityGroup, rules: [stale] }]
  expect(vpcPlan({ ...rows, securityGroups: groups }).securityGroups[0]?.ingress).toEqual([])
})

test('the resolver of a VPC is two above its base', () => {
  const endpoints = { records: { 'a.b': ['10.0.1.9'] }, endpoints: [] }
  expect(vpcServicesPlan(vpc, endpoints)).toMatchObject({
    dnsAddress: '10.0.0.2',
    internalDomain: 'eu-west-1.compute.internal',
    ...endpoints,
  })
})

test('an endpoint has names and listens where it is attached, and nowhere else', () => {
  const endpoint: VpcEndpointRecord = {
    id: 'vpce-0123456789abcdef0',
    scope,
    vpcId: vpc.id,
    type: 'Interface',
    serviceName: 'com.amazonaws.eu-west-1.ecr.dkr',
    state: 'available',
    routeTableIds: [],
    subnetIds: [subnet.id],
    securityGroupIds: [],
    networkInterfaceIds: ['eni-1', 'eni-2'],
    privateDnsEnabled: true,
    createdAt: '2026-01-01T00:00:00.000Z',
    tags: [],
  }
  const [there, coming] = [record('attached'), { ...record('pending'), id: 'eni-2' }]
  expect(endpointServices([endpoint], [there, coming])).toEqual({
    records: {
      'vpce-0123456789abcdef0-9abcdef0.ecr.dkr.eu-west-1.vpce.amazonaws.com': ['10.0.1.9'],
      'vpce-0123456789abcdef0-9abcdef0-eu-west-1a.ecr.dkr.eu-west-1.vpce.amazonaws.com': ['10.0.1.9'],
      '*.dkr.ecr.eu-west-1.amazonaws.com': ['10.0.1.9'],
    },
    endpoints: [{ interfaceId: 'eni-1', address: '10.0.1.9' }],
  })
  const nothing = { records: {}, endpoints: [] }
  expect(endpointServices([endpoint], [record('attached', true)])).toEqual(nothing)
  expect(endpointServices([{ ...endpoint, type: 'Gateway', networkInterfaceIds: [] }], [])).toEqual(nothing)
})

test('an attachment is given up at once when trying again cannot help, else after some attempts', () => {
  expect(failureToRecord(new Fault('invalid', 'no'), 1)).toEqual({ state: 'failed', reason: 'no' })
  expect(failureToRecord(new Fault('busy', 'later'), ATTACH_ATTEMPTS - 1)).toBeUndefined()
  expect(failureToRecord(new Fault('busy', 'never'), ATTACH_ATTEMPTS)).toEqual({ state: 'failed', reason: 'never' })
})

test('what a bug says is not told to the owner', () => {
  expect(failureToRecord(new Error('x is undefined'), 1)).toBeUndefined()
  expect(failureToRecord(new Error('x is undefined'), ATTACH_ATTEMPTS)?.reason).toBe('Internal error')
})

test('what the kernel and the records do not share is found on both sides', () => {
  const seen = {
    vpcs: [{ id: 'vpc-old' }],
    interfaces: [{ id: 'eni-old', vpcId: 'vpc-old', privateIp: '10.0.0.4', namespacePath: '/x' }],
  }
  expect(differences(seen, [record('attached')])).toEqual({
    strayInterfaces: ['eni-old'],
    idleVpcs: ['vpc-old'],
    missingInterfaces: new Set(['eni-1']),
    missingVpcs: new Set([vpc.id]),
  })
})
