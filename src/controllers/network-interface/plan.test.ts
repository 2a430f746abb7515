import { expect, test } from 'vitest'
import type { NetworkInterfaceRecord, RouteTableRecord } from '#apis/ec2/model/records.ts'
import { newVpc } from '#apis/ec2/model/vpc.ts'
import { knownCidr } from '#apis/ec2/model/cidr.ts'
import { newSubnet } from '#apis/ec2/model/subnet.ts'
import { Fault } from '#base/fault.ts'
import { seededRandom } from '#base/random.ts'
import { ATTACH_ATTEMPTS } from './limits.ts'
import {
  differences,
  failureToRecord,
  interfacePlan,
  nextStep,
  vpcPlan,
  type VpcRows,
  vpcServicesPlan,
} from './plan.ts'

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

test.each([
  ['no default route', [routeTable], [], 'none'],
  ['by an attached gateway', [routed('igw-1')], ['igw-1'], 'internet-gateway'],
  ['by a gateway that was detached', [routed('igw-1')], [], 'none'],
  ['by a NAT gateway', [routed('nat-1')], [], 'nat-gateway'],
  [
    "by the subnet's own table, not the main one",
    [routed('igw-1'), routed('nat-1', subnet.id)],
    ['igw-1'],
    'nat-gateway',
  ],
] as const)('the way out of a subnet: %s', (_what, routeTables, gateways, egress) => {
  const internetGateways = gateways.map((id) => ({ id, scope, vpcId: vpc.id, tags: [] }))
  expect(vpcPlan({ ...rows, routeTables, internetGateways }).subnets[0]?.egress).toBe(egress)
})

test('the default group lets its members in and everything out', () => {
  expect(vpcPlan(rows).securityGroups).toEqual([
    {
      id: securityGroup.id,
      ingress: [{ protocol: '-1', groupId: securityGroup.id }],
      egress: [{ protocol: '-1', cidr: '0.0.0.0/0' }],
    },
  ])
})

test('a rule that names a group that is gone lets nobody in', () => {
  const stale = { id: 'sgr-1', direction: 'ingress', protocol: '-1', referencedGroupId: 'sg-gone', tags: [] } as const
  const groups = [{ ...securityGroup, rules: [stale] }]
  expect(vpcPlan({ ...rows, securityGroups: groups }).securityGroups[0]?.ingress).toEqual([])
})

test('the resolver of a VPC is two above its base', () => {
  expect(vpcServicesPlan(vpc)).toMatchObject({ dnsAddress: '10.0.0.2', internalDomain: 'eu-west-1.compute.internal' })
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
