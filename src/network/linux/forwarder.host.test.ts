// An interface that forwards, as a NAT instance: what a route leads to it goes out, and nothing else does.

import './private-host.ts'
import { describe, expect, it } from 'vitest'
import { runToEnd } from '#base/run.ts'
import { INTERNET } from '../conformance-world.ts'
import { explainPath } from '../explain.ts'
import type { InterfacePlan, SecurityRule, VpcPlan } from '../network.ts'
import { a, b, eni, harness, inTask, open, path, reaches, vpc } from './packet-world.ts'

describe('an interface that forwards', () => {
  const nat = { ...eni(20), subnetId: 'subnet-igw', privateIp: '10.0.2.20', publicIp: '198.18.0.20' }
  const web: SecurityRule = { protocol: 'tcp', fromPort: 80, toPort: 80, cidr: '10.0.1.0/24' }
  const everywhere = '0.0.0.0/0'
  const plan = (ingress: readonly SecurityRule[] = [web], more: Partial<VpcPlan> = {}): VpcPlan => {
    const base = vpc([open])
    return {
      ...base,
      subnets: base.subnets.map((subnet) =>
        subnet.id === 'subnet-nat'
          ? { ...subnet, routes: [{ destination: everywhere, target: nat.id as 'eni-1' }] }
          : subnet,
      ),
      securityGroups: [...base.securityGroups, { id: 'sg-nat', ingress, egress: [open] }],
      forwarders: [{ id: nat.id, subnetId: nat.subnetId, privateIp: nat.privateIp }],
      ...more,
    }
  }
  /** Makes a NAT instance of the interface. */
  const attachNat = async (): Promise<void> => {
    await harness.network.attach({ ...nat, securityGroupIds: ['sg-nat'] })
    await inTask(nat, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
    const rules = ['add table ip n', 'add chain ip n out { type nat hook postrouting priority srcnat; }']
    for (const rule of [...rules, 'add rule ip n out masquerade']) await inTask(nat, 'nft', rule)
  }
  const verdict = (of: VpcPlan, attached: readonly InterfacePlan[]): boolean =>
    explainPath(
      { vpcs: [of], interfaces: attached, egressAllowed: true },
      { from: { interfaceId: a.id }, to: INTERNET, protocol: 'tcp', port: 80 },
    ).allowed
  const all = [a, { ...nat, securityGroupIds: ['sg-nat'] }]

  it('carries what a route leads to it, as its groups and network ACL allow', async () => {
    await harness.network.applyVpc(plan())
    expect([await reaches(a, INTERNET), verdict(plan(), [a])]).toEqual([false, false])
    await attachNat()
    expect([await reaches(a, INTERNET), verdict(plan(), all)]).toEqual([true, true])
    await harness.network.applyVpc(plan([]))
    expect([await reaches(a, INTERNET), verdict(plan([]), all)]).toEqual([false, false])
    const entry = { protocol: '-1', cidr: everywhere, action: 'allow' } as const
    const guarded = (from: string): VpcPlan => {
      const bare = plan()
      const subnets = bare.subnets.map((one) => (one.id === nat.subnetId ? { ...one, networkAclId: 'acl-1' } : one))
      const entries = [
        { ...entry, direction: 'egress' as const },
        { ...entry, direction: 'ingress' as const, cidr: from },
      ]
      return { ...bare, subnets, networkAcls: [{ id: 'acl-1', entries }] }
    }
    for (const [from, passes] of [
      [`${INTERNET}/32`, false],
      ['10.0.1.0/24', false],
      [everywhere, true],
    ] as const) {
      await harness.network.applyVpc(guarded(from))
      expect([await reaches(a, INTERNET), verdict(guarded(from), all)]).toEqual([passes, passes])
    }
    harness.restart()
    await harness.network.applyVpc(plan())
    expect(await reaches(a, INTERNET)).toBe(true)
    await harness.network.detach(nat.id)
    expect(await reaches(a, INTERNET)).toBe(false)
  })

  it('begins nothing under the address of another', async () => {
    await harness.network.applyVpc(plan())
    await attachNat()
    await inTask(nat, 'nft', 'flush ruleset')
    await inTask(nat, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'lo')
    const ping = ['busybox', 'ping', '-c1', '-W1', '-I', b.privateIp, a.privateIp]
    const before = await harness.network.counters(a.id)
    await runToEnd('nsenter', [`--net=${path(nat.id)}`, ...ping])
    expect((await harness.network.counters(a.id))?.receivedPackets).toBe(before?.receivedPackets)
  })
})
