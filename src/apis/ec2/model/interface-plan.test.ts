import { expect, test } from 'vitest'
import { seededRandom } from '#base/random.ts'
import {
  isRefused,
  plannedInterface,
  privateAddressesToTry,
  privateDnsName,
  publicAddressesToTry,
  publicDnsName,
  usableAddressCount,
} from './interface-plan.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from './records.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const subnetOf = (cidr: string): SubnetRecord => ({
  id: 'subnet-1',
  scope,
  vpcId: 'vpc-1',
  cidr,
  availabilityZone: 'eu-west-1a',
  mapPublicIpOnLaunch: false,
  defaultForAz: false,
  tags: [],
})
const wish = (cidr: string, taken: Set<string>, publicIp?: string) =>
  plannedInterface({
    scope,
    subnet: subnetOf(cidr),
    taken,
    publicIp,
    securityGroupIds: ['sg-1'],
    assignPublicIp: publicIp !== undefined,
    ownerArn: 'owner',
    description: 'a task',
    now: new Date('2026-01-01T00:00:00Z'),
    random: seededRandom(taken.size + 1),
  })

test('a /28 gives its eleven addresses, each once, never a reserved one, then refuses as EC2 does', () => {
  const taken = new Set<string>()
  for (let count = 0; count < usableAddressCount('10.0.0.0/28'); count++) {
    const planned = wish('10.0.0.0/28', taken) as NetworkInterfaceRecord
    expect(taken.has(planned.spec.privateIp)).toBe(false)
    taken.add(planned.spec.privateIp)
  }
  expect([...taken].toSorted((a, b) => Number(a.slice(7)) - Number(b.slice(7)))).toEqual(
    Array.from({ length: 11 }, (_, index) => `10.0.0.${index + 4}`),
  )
  expect(wish('10.0.0.0/28', taken)).toEqual({
    refused: 'InsufficientFreeAddressesInSubnet',
    message: 'The specified subnet does not have enough free addresses to satisfy the request.',
  })
})

test('an interface starts pending, with an id, a local unicast MAC and a public address only when wanted', () => {
  const planned = wish('10.0.0.0/24', new Set())
  if (isRefused(planned)) throw new Error(planned.message)
  expect(planned.id).toMatch(/^eni-[0-9a-f]{17}$/)
  expect(planned.spec.mac).toMatch(/^0a(:[0-9a-f]{2}){5}$/)
  expect(planned.spec.publicIp).toBeUndefined()
  expect(planned.status).toEqual({ state: 'pending' })
  const other = wish('10.0.0.0/24', new Set(), '198.18.0.7') as NetworkInterfaceRecord
  expect(other.spec.publicIp).toBe('198.18.0.7')
})

test('names are what the Amazon resolver answers', () => {
  expect(privateDnsName('10.0.1.23', 'eu-west-1')).toBe('ip-10-0-1-23.eu-west-1.compute.internal')
  expect(privateDnsName('10.0.1.23', 'us-east-1')).toBe('ip-10-0-1-23.ec2.internal')
  expect(publicDnsName('198.18.0.7', scope)).toBe('ec2-198-18-0-7.eu-west-1.compute.amazonaws.com')
  expect(publicDnsName('198.18.0.7', { ...scope, region: 'us-east-1' })).toBe('ec2-198-18-0-7.compute-1.amazonaws.com')
})

test('a public address that is wanted and not to be had is refused as EC2 does; a private one can be named', () => {
  const wished = {
    scope,
    subnet: subnetOf('10.0.0.0/24'),
    taken: new Set<string>(),
    privateIp: '10.0.0.77',
    securityGroupIds: [],
    assignPublicIp: true,
    description: 'a task',
    now: new Date('2026-01-01T00:00:00Z'),
    random: seededRandom(1),
  }
  expect(plannedInterface(wished)).toMatchObject({ refused: 'AddressLimitExceeded' })
  const named = { spec: { privateIp: '10.0.0.77', publicIp: '198.19.8.2' } }
  expect(plannedInterface({ ...wished, publicIp: '198.19.8.2' })).toMatchObject(named)
})

test('the addresses to try are those of the block that may be had, each once, from anywhere on', () => {
  const random = seededRandom(1)
  const tried = [...privateAddressesToTry(subnetOf('10.0.0.0/28'), random)]
  expect(new Set(tried).size).toBe(usableAddressCount('10.0.0.0/28'))
  expect(tried).toHaveLength(11)
  expect([...publicAddressesToTry('198.19.8.0/30', random)].toSorted()).toEqual(['198.19.8.1', '198.19.8.2'])
})
