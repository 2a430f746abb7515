// What every network promises. The fake answers from its tables, the real ones by sending packets.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { API_ADDRESS, METADATA_ADDRESS, RESOLVER_ADDRESS } from './addresses.ts'
import {
  ANY,
  type ConformanceProbe,
  ECHO_REQUEST,
  eni,
  everything,
  group,
  type HarnessOptions,
  type NetworkHarness,
  probeTools,
  PUBLIC,
  SUBNETS,
  tcp,
  vpc,
} from './conformance-world.ts'
import { waysOutConformance } from './conformance-ways-out.ts'
import type { InterfacePlan, NetworkAclEntry, SecurityRule, VpcPlan } from './network.ts'

export const networkConformance = (name: string, open: (options: HarnessOptions) => Promise<NetworkHarness>): void => {
  describe(`network, ${name}`, () => {
    let harness: NetworkHarness
    beforeEach(async () => {
      harness = await open({ egress: true })
    })
    afterEach(async () => {
      await harness.close()
    })

    const tools = probeTools(() => harness)
    const { attached, to, ping, wrong } = tools
    waysOutConformance({
      ...tools,
      harness: () => harness,
      reopen: async (options) => {
        await harness.close()
        harness = await open(options)
      },
    })

    it('lets in what a rule names by address, port and protocol, and nothing else', async () => {
      const [a, b, c] = [
        eni(10, ['sg-client']),
        eni(11, ['sg-web']),
        eni(12, ['sg-client'], { subnetId: 'subnet-nat' }),
      ]
      const rules: SecurityRule[] = [
        tcp(80, { cidr: '10.0.0.0/24' }),
        { protocol: 'udp', fromPort: 79, toPort: 90, cidrs: ['10.0.1.0/24', '10.0.1.12/32', 'fd00::/8'] },
        { protocol: 'icmp', fromPort: ECHO_REQUEST, toPort: -1, cidr: '10.0.1.0/24' },
        { protocol: 'tcp', fromPort: 443, toPort: 443, cidr: '::/0' },
      ]
      await harness.network.applyVpc(vpc([group('sg-client', []), group('sg-web', rules)]))
      await attached(a, b, c)
      expect(
        await wrong(
          [to(a, b), true],
          [to(a, b, 81), false],
          [to(a, b, 443), false],
          [to(c, b), false],
          [{ ...to(c, b), protocol: 'udp' }, true],
          [{ ...to(a, b), protocol: 'udp' }, false],
          [ping(c, b), true],
          [ping(a, b), false],
          [to(b, a), false],
          [ping(b, a), false],
        ),
      ).toEqual([])
    })

    it('counts in spans that end one where the next begins, and stay until they are forgotten', async () => {
      const logged: VpcPlan = {
        ...vpc([group('sg-web', [])]),
        flowLogs: { blocks: ['10.0.0.0/16', '2001:db8::/32'], tcpFlags: true, sinceSeconds: 1000 },
      }
      const at = (seconds: number): Date => new Date(seconds * 1000)
      const end = (seconds: number) => harness.network.endFlowSpan('vpc-a', at(seconds))
      expect(await end(1)).toEqual([])
      await harness.network.applyVpc(vpc([group('sg-web', [])]))
      expect(await end(2)).toEqual([])
      await harness.network.applyVpc(logged)
      expect(await end(1000)).toEqual([])
      expect(await end(999)).toEqual([])
      const first = { startSeconds: 1000, endSeconds: 1060 }
      expect(await end(1060)).toEqual([first])
      harness.restart()
      await harness.network.applyVpc({
        ...logged,
        flowLogs: { blocks: ['10.0.0.0/24'], tcpFlags: false, sinceSeconds: 1060 },
      })
      const second = { startSeconds: 1060, endSeconds: 1120 }
      expect(await end(1120)).toEqual([first, second])
      expect(await harness.network.flowCounts('vpc-a', first)).toMatchObject({ flows: [], incomplete: [] })
      await harness.network.forgetFlowSpan('vpc-a', first)
      await harness.network.forgetFlowSpan('vpc-a', first)
      expect(await end(1120)).toEqual([second])
      await harness.network.applyVpc(vpc([group('sg-web', [])]))
      expect(await end(1180)).toEqual([])
      await harness.network.applyVpc({
        ...logged,
        flowLogs: { blocks: ['10.0.0.0/24'], tcpFlags: true, sinceSeconds: 1200 },
      })
      expect(await end(1240)).toEqual([{ startSeconds: 1200, endSeconds: 1240 }])
    })

    it('knows the members of a group, the group itself among them', async () => {
      const [a, b, c, d] = [
        eni(10, ['sg-app']),
        eni(11, ['sg-app', 'sg-db']),
        eni(12, ['sg-db']),
        eni(13, ['sg-other']),
      ]
      const app = group('sg-app', [{ protocol: '-1', groupId: 'sg-app' }])
      const db = group('sg-db', [tcp(443, { groupId: 'sg-app' }), tcp(81, { groupId: 'sg-gone' })])
      await harness.network.applyVpc(vpc([app, db, group('sg-other', [])]))
      await attached(a, b, c, d)
      expect(
        await wrong(
          [to(a, b), true],
          [ping(b, a), true],
          [to(a, c, 443), true],
          [to(a, c), false],
          [to(a, c, 81), false],
          [to(c, a), false],
          [to(d, c, 443), false],
          [to(d, a), false],
        ),
      ).toEqual([])
      await harness.network.update({ ...d, securityGroupIds: ['sg-app', 'sg-other'] })
      await harness.network.update({ ...a, securityGroupIds: ['sg-other'] })
      expect(await wrong([to(d, c, 443), true], [to(d, b), true], [to(a, c, 443), false], [to(a, b), false])).toEqual(
        [],
      )
    })

    it('lets out what the sender may send', async () => {
      const [a, b, c] = [eni(10, ['sg-mute']), eni(11, ['sg-open']), eni(12, ['sg-picky'])]
      const groups = [
        group('sg-mute', [everything], []),
        group('sg-open', [everything]),
        group('sg-picky', [everything], [tcp(81, { groupId: 'sg-open' })]),
      ]
      await harness.network.applyVpc(vpc(groups))
      await attached(a, b, c)
      expect(
        await wrong(
          [to(a, b), false],
          [to(b, a), true],
          [to(c, b, 81), true],
          [to(c, b), false],
          [to(c, a, 81), false],
        ),
      ).toEqual([])
    })

    it('asks no groups about an unguarded interface, and those of its peers as ever', async () => {
      const [a, b, c] = [eni(10, ['sg-mute']), eni(11, ['sg-open']), { ...eni(12, []), isUnguarded: true as const }]
      await harness.network.applyVpc(vpc([group('sg-mute', [], []), group('sg-open', [everything])]))
      await attached(a, b, c)
      expect(await wrong([to(b, c), true], [to(c, b), true], [to(c, a), false], [to(a, c), false])).toEqual([])
      await harness.network.update({ ...eni(12, []) })
      expect(await wrong([to(b, c), false], [to(c, b), false])).toEqual([])
    })

    it('follows a change of rules, both ways', async () => {
      const [a, b] = [eni(10, ['sg-a']), eni(11, ['sg-b'])]
      await harness.network.applyVpc(vpc([group('sg-a', []), group('sg-b', [])]))
      await attached(a, b)
      expect(await wrong([to(a, b), false])).toEqual([])
      await harness.network.applyVpc(vpc([group('sg-a', []), group('sg-b', [tcp(80, { groupId: 'sg-a' })])]))
      expect(await wrong([to(a, b), true], [to(a, b, 81), false])).toEqual([])
      await harness.network.applyVpc(vpc([group('sg-a', []), group('sg-b', []), group('sg-c', [])]))
      expect(await wrong([to(a, b), false])).toEqual([])
      await harness.network.applyVpc(vpc([group('sg-a', []), group('sg-b', [everything])]))
      expect(await wrong([to(a, b), true])).toEqual([])
    })

    it('carries IPv6 by the same groups, and between nobody else', async () => {
      const block = '2001:db8:1::/56'
      const dual = (number: number, groups: readonly string[], subnet: 'none' | 'nat' = 'none'): InterfacePlan =>
        eni(number, groups, {
          subnetId: `subnet-${subnet}`,
          ipv6Address: `2001:db8:1:${subnet === 'none' ? 0 : 1}::${number}`,
        })
      const [a, b, c] = [dual(10, ['sg-app']), dual(11, ['sg-app'], 'nat'), dual(12, ['sg-cidr'])]
      const six = (from: InterfacePlan, other: InterfacePlan): ConformanceProbe => ({
        from: from.id,
        to: other.ipv6Address ?? '',
        protocol: 'icmp',
        port: 128,
      })
      const out: SecurityRule = { protocol: '-1', cidr: '::/0' }
      const plan: VpcPlan = {
        ...vpc([
          group('sg-app', [{ protocol: '-1', groupId: 'sg-app' }], [out]),
          group('sg-cidr', [{ protocol: '58', fromPort: 128, toPort: -1, cidr: '2001:db8:1:1::/64' }], [out]),
        ]),
        ipv6Cidrs: [block],
      }
      const subnets = plan.subnets.map((subnet, at) => ({ ...subnet, ipv6Cidr: `2001:db8:1:${at}::/64` }))
      await harness.network.applyVpc({ ...plan, subnets })
      await attached(a, b, c)
      expect(
        await wrong(
          [six(a, b), true],
          [six(b, a), true],
          [six(b, c), true],
          [six(a, c), false],
          [six(c, a), false],
          // No rule of either group is about IPv4.
          [to(a, b), false],
        ),
      ).toEqual([])
      const closed = { ...plan, subnets, networkAcls: [{ id: 'acl-1', entries: [] }] }
      await harness.network.applyVpc({
        ...closed,
        subnets: subnets.map((subnet) => (subnet.id === 'subnet-nat' ? { ...subnet, networkAclId: 'acl-1' } : subnet)),
      })
      expect(await wrong([six(a, b), false])).toEqual([])
      await harness.network.applyVpc({ ...plan, subnets })
      await harness.network.detach(b.id)
      expect(await wrong([six(a, b), false])).toEqual([])
      await attached({ ...b, id: 'eni-heir', securityGroupIds: ['sg-cidr'] })
      expect(await wrong([six(a, b), false], [{ ...six(b, c), from: 'eni-heir' }, true])).toEqual([])
    })

    it('keeps VPCs apart, even with the same addresses', async () => {
      const groups = [group('sg-1', [everything])]
      const [a, b] = [eni(10, ['sg-1']), eni(11, ['sg-1'])]
      const [c, d] = [eni(10, ['sg-1'], { vpcId: 'vpc-b' }), eni(12, ['sg-1'], { vpcId: 'vpc-b' })]
      await harness.network.applyVpc(vpc(groups))
      await harness.network.applyVpc(vpc(groups, 'vpc-b'))
      await attached(a, b, c, d)
      expect(await wrong([to(a, b), true], [to(c, d), true], [to(a, d), false], [to(c, b), false])).toEqual([])
      await harness.network.removeVpc('vpc-b')
      await harness.network.removeVpc('vpc-b')
      expect((await harness.network.observe()).interfaces.map(({ id }) => id).toSorted()).toEqual([a.id, b.id])
      expect(await wrong([to(a, b), true])).toEqual([])
    })

    it('detaches for good, and for another with the same address', async () => {
      const [a, b] = [eni(10, ['sg-1']), eni(11, ['sg-1'])]
      await harness.network.applyVpc(vpc([group('sg-1', [everything]), group('sg-2', [])]))
      await attached(a, b)
      expect(await wrong([to(a, b), true], [to(b, a), true])).toEqual([])
      await harness.network.detach(b.id)
      await harness.network.detach(b.id)
      await harness.network.detach('eni-unknown')
      expect(await wrong([to(a, b), false])).toEqual([])
      expect(await harness.network.counters(b.id)).toBeUndefined()
      const heir = { ...b, id: 'eni-heir', securityGroupIds: ['sg-2'] }
      await attached(heir)
      expect(await wrong([to(a, heir), false], [to(heir, a), true])).toEqual([])
      await harness.network.detach(heir.id)
      await attached(b)
      expect(await wrong([to(a, b), true])).toEqual([])
    })

    it('answers under further addresses of an interface by the same groups, for as long as it has them', async () => {
      const [a, b] = [eni(10, ['sg-client']), eni(11, ['sg-web'])]
      const rules = [tcp(80, { groupId: 'sg-client' })]
      await harness.network.applyVpc(vpc([group('sg-client', []), group('sg-web', rules)]))
      await attached(a, { ...b, secondaryIps: ['10.0.0.21'] })
      const at = (address: string, port = 80): ConformanceProbe => ({ ...to(a, b, port), to: address })
      const further = ['10.0.0.22', '10.0.0.23']
      expect(await wrong([at('10.0.0.21'), true], [at('10.0.0.21', 81), false], [at('10.0.0.22'), false])).toEqual([])
      await harness.network.update({ ...b, secondaryIps: further })
      expect(await wrong([at('10.0.0.21'), false], [at('10.0.0.22'), true], [at('10.0.0.23'), true])).toEqual([])
      await expect(harness.network.attach({ ...eni(12, ['sg-web']), privateIp: '10.0.0.22' })).rejects.toMatchObject({
        kind: 'busy',
      })
      await expect(harness.network.update({ ...b, secondaryIps: ['10.0.1.9'] })).rejects.toMatchObject({
        kind: 'invalid',
      })
      harness.restart()
      await harness.network.attach({ ...b, secondaryIps: further })
      expect(await wrong([at('10.0.0.22'), true], [at('10.0.0.11'), true])).toEqual([])
      await harness.network.update(b)
      expect(await wrong([at('10.0.0.22'), false], [at('10.0.0.11'), true])).toEqual([])
      await attached({ ...eni(12, ['sg-web']), secondaryIps: ['10.0.0.22'] })
      expect(await wrong([at('10.0.0.22'), true])).toEqual([])
    })

    it('attaches once, however often it is told', async () => {
      const [a, b] = [eni(10, ['sg-1']), eni(11, ['sg-1'])]
      await harness.network.applyVpc(vpc([group('sg-1', [everything])]))
      const first = await harness.network.attach(a)
      expect(await harness.network.attach(a)).toEqual(first)
      await attached(b)
      expect(await wrong([to(b, a), true])).toEqual([])
      expect(await harness.network.observe()).toMatchObject({
        vpcs: [{ id: 'vpc-a' }],
        interfaces: [{ ...first, vpcId: 'vpc-a', privateIp: '10.0.0.10' }, { id: b.id }],
      })
    })

    it('refuses what makes no sense, and changes nothing', async () => {
      const { network } = harness
      const [a, b] = [eni(10, ['sg-1']), eni(11, ['sg-1'])]
      const plan = vpc([group('sg-1', [everything])])
      const withoutNat = { ...plan, natGateways: [] }
      const none = SUBNETS[0]!
      const deny: NetworkAclEntry = { direction: 'ingress', action: 'deny', protocol: '-1', cidr: ANY }
      await expect(network.attach(a)).rejects.toMatchObject({ kind: 'not-found' })
      await network.applyVpc(plan)
      await attached(a, b)
      const invalid: VpcPlan[] = [
        { ...plan, cidrs: [] },
        { ...plan, id: '../etc' },
        { ...plan, cidrs: ['10.0.0.0/16; drop'] },
        { ...plan, subnets: [{ id: 'subnet-x', cidr: '10.1.0.0/24', routes: [] }] },
        { ...plan, subnets: [...SUBNETS, { id: 'subnet-x', cidr: '10.0.2.128/25', routes: [] }] },
        { ...plan, subnets: [] },
        { ...plan, securityGroups: [] },
        vpc([group('sg-1', [{ protocol: 'tcp', fromPort: 80, toPort: 70_000, cidr: ANY }])]),
        vpc([group('sg-1', [{ protocol: 'tcp accept' as 'tcp', cidr: ANY }])]),
        vpc([group('sg-1', [{ protocol: '-1', cidr: ANY, groupId: 'sg-1' }])]),
        vpc([group('sg-1', [{ protocol: '-1', groupId: 'sg 1' }])]),
        vpc([group('sg-1', [{ protocol: '-1', cidr: '::/0 accept' }])]),
        withoutNat,
        { ...plan, natGateways: [{ id: 'nat-1', subnetId: 'subnet-x', publicIp: '198.18.0.9' }] },
        { ...withoutNat, subnets: [{ ...none, networkAclId: 'acl-gone' }] },
        { ...withoutNat, subnets: [{ ...none, routes: [{ destination: '1.2.3.4', target: 'blackhole' }] }] },
        { ...withoutNat, subnets: [{ ...none, routes: [{ destination: ANY, target: 'eni-gone' }] }] },
        { ...plan, forwarders: [{ id: 'eni-1', subnetId: none.id, privateIp: '10.0.1.5' }] },
        { ...withoutNat, subnets: [{ ...none, ipv6Cidr: '2001:db8::/64' }] },
        { ...plan, networkAcls: [{ id: 'acl-1', entries: [{ ...deny, protocol: 'x' as 'tcp' }] }] },
      ]
      for (const bad of invalid) await expect(network.applyVpc(bad)).rejects.toMatchObject({ kind: 'invalid' })
      const bad: InterfacePlan[] = [
        eni(12, ['sg-2']),
        eni(12, ['sg-1'], { privateIp: '10.0.1.12' }),
        eni(12, ['sg-1'], { privateIp: '10.0.0.1' }),
        eni(12, ['sg-1'], { mac: 'ff:ff:ff:ff:ff:ff' }),
        { ...a, privateIp: '10.0.0.77' },
      ]
      for (const other of bad) await expect(network.attach(other)).rejects.toMatchObject({ kind: 'invalid' })
      await expect(network.attach({ ...a, id: 'eni-thief' })).rejects.toMatchObject({ kind: 'busy' })
      await expect(network.update(eni(13, ['sg-1']))).rejects.toMatchObject({ kind: 'not-found' })
      expect(await wrong([to(a, b), true])).toEqual([])
      expect((await network.observe()).interfaces).toHaveLength(2)
    })

    it('goes on after a restart as if nothing had happened', async () => {
      const [a, b, c] = [
        eni(10, ['sg-a']),
        eni(11, ['sg-b']),
        eni(13, ['sg-b'], { subnetId: 'subnet-igw', publicIp: PUBLIC[0] }),
      ]
      const plan = vpc([group('sg-a', []), group('sg-b', [tcp(80, { groupId: 'sg-a' }), tcp(81, { cidr: ANY })])])
      const host: ConformanceProbe = { from: 'host', to: PUBLIC[0], protocol: 'tcp', port: 81 }
      await harness.network.applyVpc(plan)
      await attached(a, b, c)
      const before = await harness.network.observe()
      harness.restart()
      expect(await harness.network.observe()).toEqual(before)
      expect(await wrong([to(a, b), true], [to(a, b, 443), false], [host, true])).toEqual([])
      await harness.network.applyVpc(plan)
      await attached(a, b, c)
      expect(await wrong([to(a, b), true], [to(a, b, 443), false], [to(b, a), false], [host, true])).toEqual([])
      harness.restart()
      await harness.network.detach(a.id)
      await harness.network.update({ ...c, securityGroupIds: ['sg-a'] })
      expect(await wrong([to(a, b), false], [to(c, b), true], [host, false])).toEqual([])
      harness.restart()
      await harness.network.removeVpc('vpc-a')
      expect(await harness.network.observe()).toEqual({ vpcs: [], interfaces: [] })
    })

    it('lets every task talk to the services of its VPC, whatever its groups say', async () => {
      const mute = eni(10, ['sg-mute'])
      await harness.network.applyVpc(vpc([group('sg-mute', [], [])]))
      await attached(mute)
      const service = (address: string, port: number): ConformanceProbe => ({
        from: mute.id,
        to: address,
        protocol: 'tcp',
        port,
      })
      expect(
        await wrong(
          [service(METADATA_ADDRESS, 80), true],
          [service(API_ADDRESS, 4566), true],
          [service(RESOLVER_ADDRESS, 53), true],
          [service('10.0.0.2', 53), true],
        ),
      ).toEqual([])
    })
  })
}
