// Goal: a load balancer's names lead where packets from that VPC get to it.

import { describe, expect, it } from 'vitest'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancerArn } from '#aws/arn.ts'
import { areNamesNews, loadBalancerNames } from './load-balancer-names.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const zones = ['a', 'b'].map((zone, index) => ({
  subnetId: `subnet-${zone}`,
  availabilityZone: `eu-west-1${zone}`,
  networkInterfaceId: `eni-${zone}`,
  privateIp: `10.0.${index}.4`,
  publicIp: `198.18.0.${index}`,
}))

const record = (change: Partial<LoadBalancerRecord> = {}): LoadBalancerRecord => ({
  arn: loadBalancerArn(scope, 'app/Web/0123456789abcdef'),
  scope,
  name: 'Web',
  id: '0123456789abcdef',
  type: 'application',
  scheme: 'internet-facing',
  vpcId: 'vpc-1',
  dnsName: 'Web-1234567890.eu-west-1.elb.amazonaws.com',
  createdAt: '2026-01-01T00:00:00Z',
  tags: [],
  spec: {
    subnets: zones.map(({ subnetId, availabilityZone }) => ({ subnetId, availabilityZone })),
    securityGroupIds: [],
    ipAddressType: 'ipv4',
    attributes: {},
    deleteRequested: false,
  },
  status: { state: 'active', addresses: zones },
  ...change,
})
const name = 'web-1234567890.eu-west-1.elb.amazonaws.com'
const found = (balancer: LoadBalancerRecord, vpcId: string) => loadBalancerNames(vpcId, [balancer])[name]

describe('the names of a load balancer', () => {
  it('lead to its private addresses in its own VPC, and to its public ones in any other', () => {
    expect(found(record(), 'vpc-1')).toEqual(['10.0.0.4', '10.0.1.4'])
    expect(found(record(), 'vpc-2')).toEqual(['198.18.0.0', '198.18.0.1'])
    expect(found(record({ scheme: 'internal' }), 'vpc-2')).toEqual(['10.0.0.4', '10.0.1.4'])
    expect(loadBalancerNames('vpc-1', [record()])[`dualstack.${name}`]).toEqual(['10.0.0.4', '10.0.1.4'])
  })

  it('lead to its IPv6 addresses, too, where it is dual-stack', () => {
    const { spec } = record()
    const addresses = zones.map((zone, index) => ({ ...zone, ipv6Address: `2001:db8:${index}::4` }))
    const dual = (ipAddressType: LoadBalancerRecord['spec']['ipAddressType'], vpcId = 'vpc-1') =>
      found(record({ spec: { ...spec, ipAddressType }, status: { state: 'active', addresses } }), vpcId)
    expect(dual('dualstack')).toEqual(['10.0.0.4', '2001:db8:0::4', '10.0.1.4', '2001:db8:1::4'])
    expect(dual('dualstack-without-public-ipv4')).toEqual(['2001:db8:0::4', '2001:db8:1::4'])
    expect(dual('ipv4')).toEqual(['10.0.0.4', '10.0.1.4'])
    expect(dual('dualstack', 'vpc-2')).toEqual(['198.18.0.0', '198.18.0.1'])
  })

  it('name each zone of a network load balancer', () => {
    const records = loadBalancerNames('vpc-1', [record({ type: 'network' })])
    expect(records[`eu-west-1b.${name}`]).toEqual(['10.0.1.4'])
    expect(loadBalancerNames('vpc-1', [record()])).not.toHaveProperty(`eu-west-1b.${name}`)
  })

  it('are not there before it serves, in zones that it left, and once it is deleted', () => {
    const { spec, status } = record()
    expect(loadBalancerNames('vpc-1', [record({ status: { ...status, state: 'provisioning' } })])).toEqual({})
    expect(loadBalancerNames('vpc-1', [record({ spec: { ...spec, deleteRequested: true } })])).toEqual({})
    expect(found(record({ spec: { ...spec, subnets: spec.subnets.slice(1) } }), 'vpc-1')).toEqual(['10.0.1.4'])
  })

  it('are news only when they change', () => {
    const { status } = record()
    expect(areNamesNews(record(), record({ tags: [{ Key: 'a', Value: 'b' }] }))).toBe(false)
    expect(areNamesNews(record({ status: { ...status, state: 'provisioning' } }), record())).toBe(true)
    expect(areNamesNews(record(), undefined)).toBe(true)
  })
})
