// Security rules in nftables' words, and what leaves nftables alone.

import { describe, expect, it } from 'vitest'
import type { InterfacePlan, SecurityRule, VpcPlan } from '../network.ts'
import { EMPTY, entryOf, filterOf, transition, withEntry, withoutEntry } from './filter.ts'
import { taskLink, uplink } from './names.ts'
import { ruleText } from './rules.ts'
import { chosenTransit, transitOf } from './transit.ts'

const any = '0.0.0.0/0'

describe('a rule', () => {
  it.each<readonly [SecurityRule, string | undefined]>([
    [{ protocol: '-1', cidr: any }, 'accept'],
    [{ protocol: 'tcp', fromPort: 80, toPort: 80, cidr: '10.0.0.9/8' }, 'ip saddr 10.0.0.0/8 tcp dport 80 accept'],
    [{ protocol: '6', fromPort: 80, toPort: 90, groupId: 'sg-1' }, 'ip saddr @m_sg_1 tcp dport 80-90 accept'],
    [{ protocol: 'udp', fromPort: 0, toPort: 65535, cidr: any }, 'meta l4proto udp accept'],
    [{ protocol: 'udp', cidr: any }, 'meta l4proto udp accept'],
    [{ protocol: 'icmp', fromPort: -1, toPort: -1, cidr: any }, 'meta l4proto icmp accept'],
    [{ protocol: 'icmp', fromPort: 3, toPort: 4, cidr: any }, 'icmp type 3 icmp code 4 accept'],
    [{ protocol: 'icmp', fromPort: 8, toPort: -1, cidr: any }, 'icmp type 8 accept'],
    [{ protocol: '50', cidr: any }, 'meta l4proto 50 accept'],
    [
      { protocol: '-1', cidrs: ['10.1.0.0/16', '10.0.0.0/8', '9.9.9.9/32'] },
      'ip saddr { 9.9.9.9/32, 10.0.0.0/8 } accept',
    ],
    [{ protocol: '-1', cidrs: [] }, undefined],
    [{ protocol: '-1', cidr: '::/0' }, undefined],
    [{ protocol: 'icmpv6', cidr: any }, undefined],
  ])('%j: %s', (rule, text) => {
    expect(ruleText(rule, 'ingress', 'accept')).toBe(text)
  })

  it('looks at the other end on the way out', () => {
    expect(ruleText({ protocol: '-1', groupId: 'sg-1' }, 'egress', 'goto leaving')).toBe(
      'ip daddr @m_sg_1 goto leaving',
    )
  })
})

describe('a change of the filter', () => {
  const vpc: VpcPlan = {
    id: 'vpc-1',
    cidrs: ['10.0.0.0/16'],
    subnets: [{ id: 'subnet-1', cidr: '10.0.0.0/24', egress: 'internet-gateway' }],
    securityGroups: [
      { id: 'sg-1', ingress: [{ protocol: '-1', groupId: 'sg-2' }], egress: [] },
      { id: 'sg-2', ingress: [], egress: [] },
    ],
  }
  const plan = (number: number, groups: readonly string[]): InterfacePlan => ({
    id: `eni-${number}`,
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    privateIp: `10.0.0.${number}`,
    mac: '0a:00:00:00:00:01',
    securityGroupIds: groups,
  })
  const one = withEntry(filterOf(vpc), entryOf(vpc, plan(10, ['sg-1']), true))
  const lines = (text: string): string[] => text.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))

  it('is nothing when nothing changes', () => {
    expect(transition(one, one)).toBe('')
    expect(transition(one, { ...filterOf(vpc), entries: one.entries })).toBe('')
  })

  it('is set elements only when an interface comes to, or leaves, a known combination of groups', () => {
    const two = withEntry(one, entryOf(vpc, plan(11, ['sg-1']), true))
    expect(new Set(lines(transition(one, two)))).toEqual(new Set(['add element']))
    expect(new Set(lines(transition(two, withoutEntry(two, 'eni-11'))))).toEqual(new Set(['delete element']))
  })

  it('rewrites the one chain whose rules change', () => {
    const [first, second] = vpc.securityGroups
    if (first === undefined || second === undefined) throw new Error('the plan has two groups')
    const changed = {
      ...vpc,
      securityGroups: [first, { ...second, ingress: [{ protocol: '-1', cidr: any } as const] }],
    }
    const text = transition(one, { ...filterOf(changed), entries: one.entries })
    expect(text).toBe('flush chain ip vpc i_sg_2\nadd rule ip vpc i_sg_2 accept')
  })

  it('takes down in the opposite order of building up', () => {
    const up = lines(transition(EMPTY, one))
    expect(up.indexOf('add chain')).toBeGreaterThan(up.lastIndexOf('add map'))
    const down = lines(transition(one, { ...EMPTY }))
    expect(down.lastIndexOf('delete element')).toBeLessThan(down.indexOf('delete chain'))
    expect(down.lastIndexOf('delete chain')).toBeLessThan(down.indexOf('delete set'))
  })
})

describe('names and addresses', () => {
  it('fit into a link name', () => {
    expect(taskLink('eni-0123456789abcdef0')).toMatch(/^e[0-9a-f]{14}$/)
    expect(uplink('a', 'vpc-1')).toMatch(/^ngu[0-9a-f]{12}$/)
    expect(uplink('a', 'vpc-1')).not.toBe(uplink('b', 'vpc-1'))
  })

  it('are chosen beside those of other instances', () => {
    const first = chosenTransit('x', [])
    expect(chosenTransit('x', ['192.0.2.1'])).toEqual(first)
    const second = chosenTransit('x', [first.router])
    expect(second).not.toEqual(first)
    expect(transitOf(second.host)).toEqual(second)
    expect(transitOf('169.254.128.1')).toBeUndefined()
  })
})
