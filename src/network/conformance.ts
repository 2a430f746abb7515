// What every network promises. The fake answers from its tables, the real ones by sending packets.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { API_ADDRESS, METADATA_ADDRESS, RESOLVER_ADDRESS } from './addresses.ts'
import type { InterfacePlan, Network, SecurityGroupPlan, SecurityRule, SubnetPlan, VpcPlan } from './network.ts'

/** A first packet: from an interface, or from the "host". */
export interface ConformanceProbe {
  readonly from: string
  readonly to: string
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  readonly port: number
}

export interface NetworkHarness {
  readonly network: Network
  /** Whether it arrives. Every interface answers on tcp 80, 81 and 443, on udp 80 and to echo requests. */
  reaches(probe: ConformanceProbe): Promise<boolean>
  /** The same world under a new network, as after a kill -9. */
  restart(): void
  /** Removes everything, checking that nothing is left behind. */
  close(): Promise<void>
}

export interface HarnessOptions {
  readonly egress: boolean
}

/** An address of the outside that answers on tcp 80. */
export const INTERNET = '198.51.100.7'
const PUBLIC = ['198.18.0.11', '198.18.0.12'] as const
const ECHO_REQUEST = 8

const ANY = '0.0.0.0/0'
const everything: SecurityRule = { protocol: '-1', cidr: ANY }
const tcp = (port: number, other: Partial<SecurityRule>): SecurityRule => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  ...other,
})
const group = (
  id: string,
  ingress: readonly SecurityRule[],
  egress: readonly SecurityRule[] = [everything],
): SecurityGroupPlan => ({ id, ingress, egress })

const SUBNETS: readonly SubnetPlan[] = [
  { id: 'subnet-none', cidr: '10.0.0.0/24', egress: 'none' },
  { id: 'subnet-nat', cidr: '10.0.1.0/24', egress: 'nat-gateway' },
  { id: 'subnet-igw', cidr: '10.0.2.0/24', egress: 'internet-gateway' },
]
const vpc = (securityGroups: readonly SecurityGroupPlan[], id = 'vpc-a'): VpcPlan => ({
  id,
  cidrs: ['10.0.0.0/16'],
  subnets: SUBNETS,
  securityGroups,
})

const SUBNET_BASE: Readonly<Record<string, string>> = {
  'subnet-none': '10.0.0.',
  'subnet-nat': '10.0.1.',
  'subnet-igw': '10.0.2.',
}
/** An interface whose name gives its id and whose number gives its address. */
const eni = (
  number: number,
  securityGroupIds: readonly string[],
  more: Partial<InterfacePlan> = {},
): InterfacePlan & { readonly id: string } => {
  const vpcId = more.vpcId ?? 'vpc-a'
  const subnetId = more.subnetId ?? 'subnet-none'
  return {
    id: `eni-${vpcId.slice(4)}${number}`,
    vpcId,
    subnetId,
    privateIp: `${SUBNET_BASE[subnetId]}${number}`,
    mac: `0a:00:00:00:00:${number.toString(16).padStart(2, '0')}`,
    securityGroupIds,
    ...more,
  }
}

export const networkConformance = (name: string, open: (options: HarnessOptions) => Promise<NetworkHarness>): void => {
  describe(`network, ${name}`, () => {
    let harness: NetworkHarness
    beforeEach(async () => {
      harness = await open({ egress: true })
    })
    afterEach(async () => {
      await harness.close()
    })

    const attached = async (...plans: readonly InterfacePlan[]): Promise<void> => {
      for (const plan of plans) await harness.network.attach(plan)
    }
    const to = (from: InterfacePlan, other: InterfacePlan, port = 80): ConformanceProbe => ({
      from: from.id,
      to: other.privateIp,
      protocol: 'tcp',
      port,
    })
    const ping = (from: InterfacePlan, other: InterfacePlan): ConformanceProbe => ({
      ...to(from, other, ECHO_REQUEST),
      protocol: 'icmp',
    })
    /** The probes that end otherwise than desired. All at once: what is dropped is only known after a while. */
    const wrong = async (...expectations: readonly (readonly [ConformanceProbe, boolean])[]): Promise<string[]> => {
      const seen = await Promise.all(expectations.map(([probe]) => harness.reaches(probe)))
      return expectations.flatMap(([{ from, to: there, protocol, port }, desired], at) =>
        seen[at] === desired ? [] : [`${from} ${seen[at] ? 'reaches' : 'does not reach'} ${there} ${protocol} ${port}`],
      )
    }

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
      await expect(network.attach(a)).rejects.toMatchObject({ kind: 'not-found' })
      await network.applyVpc(plan)
      await attached(a, b)
      const invalid: VpcPlan[] = [
        { ...plan, cidrs: [] },
        { ...plan, id: '../etc' },
        { ...plan, cidrs: ['10.0.0.0/16; drop'] },
        { ...plan, subnets: [{ id: 'subnet-x', cidr: '10.1.0.0/24', egress: 'none' }] },
        { ...plan, subnets: [...SUBNETS, { id: 'subnet-x', cidr: '10.0.2.128/25', egress: 'none' }] },
        { ...plan, subnets: [] },
        { ...plan, securityGroups: [] },
        vpc([group('sg-1', [{ protocol: 'tcp', fromPort: 80, toPort: 70_000, cidr: ANY }])]),
        vpc([group('sg-1', [{ protocol: 'tcp accept' as 'tcp', cidr: ANY }])]),
        vpc([group('sg-1', [{ protocol: '-1', cidr: ANY, groupId: 'sg-1' }])]),
        vpc([group('sg-1', [{ protocol: '-1', groupId: 'sg 1' }])]),
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

    it('lets tasks out by gateways as their subnets and addresses allow', async () => {
      const none = eni(10, ['sg-1'], { publicIp: PUBLIC[0] })
      const nat = eni(11, ['sg-1'], { subnetId: 'subnet-nat' })
      const [bare, igw] = [
        eni(12, ['sg-1'], { subnetId: 'subnet-igw' }),
        eni(13, ['sg-1'], { subnetId: 'subnet-igw', publicIp: PUBLIC[1] }),
      ]
      const mute = eni(14, ['sg-mute'], { subnetId: 'subnet-nat' })
      const out = (from: InterfacePlan, address = INTERNET): ConformanceProbe => ({
        from: from.id,
        to: address,
        protocol: 'tcp',
        port: 80,
      })
      const host = (address: string, port = 80): ConformanceProbe => ({
        from: 'host',
        to: address,
        protocol: 'tcp',
        port,
      })
      const plan = vpc([group('sg-1', [tcp(80, { cidr: ANY })]), group('sg-mute', [], [])])
      await harness.network.applyVpc(plan)
      await attached(none, nat, bare, igw, mute)
      expect(
        await wrong(
          [out(none), false],
          [out(nat), true],
          [out(bare), false],
          [out(igw), true],
          [out(mute), false],
          [host(PUBLIC[1]), true],
          [host(PUBLIC[1], 81), false],
          [host(PUBLIC[0]), false],
          [out(nat, PUBLIC[1]), true],
          [out(igw, '192.168.9.9'), false],
          [out(igw, '10.99.0.1'), false],
          [out(nat, '169.254.169.254'), false],
        ),
      ).toEqual([])
      await harness.network.update(eni(13, ['sg-1'], { subnetId: 'subnet-igw' }))
      await harness.network.update({ ...bare, publicIp: PUBLIC[1] })
      expect(await wrong([out(igw), false], [out(bare), true], [host(PUBLIC[1]), true])).toEqual([])
      await harness.network.applyVpc({ ...plan, subnets: SUBNETS.map((subnet) => ({ ...subnet, egress: 'none' })) })
      expect(
        await wrong([out(nat), false], [out(bare), false], [host(PUBLIC[1]), false], [to(nat, bare), true]),
      ).toEqual([])
      await harness.network.applyVpc(plan)
      expect(await wrong([out(nat), true], [out(bare), true], [host(PUBLIC[1]), true])).toEqual([])
    })

    it('lets nothing out when egress is off, and the host in', async () => {
      await harness.close()
      harness = await open({ egress: false })
      const nat = eni(11, ['sg-1'], { subnetId: 'subnet-nat' })
      const igw = eni(13, ['sg-1'], { subnetId: 'subnet-igw', publicIp: PUBLIC[1] })
      await harness.network.applyVpc(vpc([group('sg-1', [everything])]))
      await attached(nat, igw)
      const probe = { to: INTERNET, protocol: 'tcp', port: 80 } as const
      expect(
        await wrong(
          [{ ...probe, from: nat.id }, false],
          [{ ...probe, from: igw.id }, false],
          [{ ...probe, from: 'host', to: PUBLIC[1] }, true],
          [to(nat, igw), true],
        ),
      ).toEqual([])
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
