// Security rules in nftables' words, and what leaves nftables alone.

import { describe, expect, it } from 'vitest'
import type { InterfacePlan, SecurityRule, VpcPlan } from '../network.ts'
import type { Family } from '../ranges.ts'
import { EMPTY, entryOf, filterOf, withEntry, withoutEntry } from './filter.ts'
import { taskLink, uplink } from './names.ts'
import { ruleText } from './rules.ts'
import { chosenTransit, transitOf } from './transit.ts'
import { loadedGeneration, mayCut, nextGeneration, transition } from './transition.ts'

const any = '0.0.0.0/0'

const flow = (ports: string, protocol = 'tcp'): string => `meta l4proto ${protocol} ct original proto-dst ${ports}`

describe('a rule', () => {
  it.each<readonly [SecurityRule, Family, string | undefined]>([
    [{ protocol: '-1', cidr: any }, 'ip', 'meta nfproto ipv4'],
    [
      { protocol: 'tcp', fromPort: 80, toPort: 80, cidr: '10.0.0.9/8' },
      'ip',
      `ct original ip saddr 10.0.0.0/8 ${flow('80')}`,
    ],
    [
      { protocol: '6', fromPort: 80, toPort: 90, groupId: 'sg-1' },
      'ip',
      `ct original ip saddr @m4_sg_1 ${flow('80-90')}`,
    ],
    [
      { protocol: '6', fromPort: 80, toPort: 90, groupId: 'sg-1' },
      'ip6',
      `ct original ip6 saddr @m6_sg_1 ${flow('80-90')}`,
    ],
    [{ protocol: 'udp', fromPort: 0, toPort: 65535, cidr: any }, 'ip', 'meta nfproto ipv4 meta l4proto udp'],
    [{ protocol: 'udp', cidr: any }, 'ip', 'meta nfproto ipv4 meta l4proto udp'],
    [{ protocol: 'icmp', fromPort: -1, toPort: -1, cidr: any }, 'ip', 'meta nfproto ipv4 meta l4proto icmp'],
    [{ protocol: 'icmp', fromPort: 3, toPort: 4, cidr: any }, 'ip', 'meta nfproto ipv4 icmp type 3 icmp code 4'],
    [{ protocol: 'icmp', fromPort: 8, toPort: -1, cidr: any }, 'ip', 'meta nfproto ipv4 icmp type 8'],
    [{ protocol: 'icmpv6', fromPort: 128, toPort: -1, cidr: '::/0' }, 'ip6', 'meta nfproto ipv6 icmpv6 type 128'],
    [{ protocol: '50', cidr: any }, 'ip', 'meta nfproto ipv4 meta l4proto 50'],
    [
      { protocol: '-1', cidrs: ['10.1.0.0/16', '10.0.0.0/8', '9.9.9.9/32'] },
      'ip',
      'ct original ip saddr { 9.9.9.9/32, 10.0.0.0/8 }',
    ],
    [{ protocol: '-1', cidrs: [] }, 'ip', undefined],
    [{ protocol: '-1', cidr: '::/0' }, 'ip', undefined],
    [{ protocol: '-1', cidr: any }, 'ip6', undefined],
    [{ protocol: 'icmpv6', cidr: any }, 'ip', undefined],
  ])('%j, %s: %s', (rule, family, text) => {
    expect(ruleText(rule, 'ingress', family)).toBe(text)
  })

  it('looks at the other end on the way out', () => {
    expect(ruleText({ protocol: '-1', groupId: 'sg-1' }, 'egress', 'ip')).toBe('ct original ip daddr @m4_sg_1')
  })
})

describe('a change of the filter', () => {
  const vpc: VpcPlan = {
    id: 'vpc-1',
    cidrs: ['10.0.0.0/16'],
    subnets: [{ id: 'subnet-1', cidr: '10.0.0.0/24', routes: [] }],
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
  const one = withEntry(filterOf(vpc, true), entryOf(vpc, plan(10, ['sg-1']), true))
  const lines = (text: string): string[] => text.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))

  it('is nothing when nothing changes', () => {
    expect(transition(one, one)).toBe('')
    expect(transition(one, { ...filterOf(vpc, true), entries: one.entries })).toBe('')
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
    const text = transition(one, { ...filterOf(changed, true), entries: one.entries })
    expect(text).toBe('flush chain inet vpc i_sg_2\nadd rule inet vpc i_sg_2 meta nfproto ipv4 goto received_by_all')
  })

  it('asks all flows again when something may have been taken away, and only then', () => {
    const two = withEntry(one, entryOf(vpc, plan(11, ['sg-1']), true))
    expect(mayCut(one, two)).toBe(false)
    expect(mayCut(two, one)).toBe(false)
    expect(mayCut(two, withEntry(two, entryOf(vpc, plan(11, ['sg-2']), true)))).toBe(true)
    expect(mayCut(one, { ...filterOf({ ...vpc, securityGroups: [] }, true), entries: one.entries })).toBe(true)
    const text = transition(one, { ...one, generation: 2 })
    expect(lines(text)).toContain('flush chain')
    expect(text).toContain('add rule inet vpc forward ct mark and 0xffffff00 == 0x200 accept')
    expect(text).not.toMatch(/[ieco]_/)
  })

  it('reads the generation back, and begins anew when the mark is full', () => {
    expect(loadedGeneration('chain passed {\n ct mark set ct mark & 0x000002ff | 0x00000200 accept')).toBe(2)
    expect(loadedGeneration('')).toBe(0)
    expect([nextGeneration(0), nextGeneration(1), nextGeneration(0xffffff)]).toEqual([1, 2, 1])
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
