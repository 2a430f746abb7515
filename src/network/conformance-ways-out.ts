// What every network promises about the ways out of a subnet: gateways, routes and network ACLs.

import { expect, it } from 'vitest'
import {
  ANY,
  type ConformanceProbe,
  eni,
  everything,
  group,
  type HarnessOptions,
  INTERNET,
  INTERNET_IPV6,
  type NetworkHarness,
  type ProbeTools,
  PUBLIC,
  SUBNETS,
  tcp,
  vpc,
} from './conformance-world.ts'
import type { InterfacePlan, NetworkAclEntry, SecurityRule, SubnetPlan, VpcPlan } from './network.ts'

interface Suite extends ProbeTools {
  readonly harness: () => NetworkHarness
  readonly reopen: (options: HarnessOptions) => Promise<void>
}

export const waysOutConformance = ({ harness, reopen, attached, to, ping, wrong }: Suite): void => {
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
    await harness().network.applyVpc(plan)
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
    await harness().network.update(eni(13, ['sg-1'], { subnetId: 'subnet-igw' }))
    await harness().network.update({ ...bare, publicIp: PUBLIC[1] })
    expect(await wrong([out(igw), false], [out(bare), true], [host(PUBLIC[1]), true])).toEqual([])
    await harness().network.applyVpc({ ...plan, subnets: SUBNETS.map((subnet) => ({ ...subnet, routes: [] })) })
    expect(await wrong([out(nat), false], [out(bare), false], [host(PUBLIC[1]), false], [to(nat, bare), true])).toEqual(
      [],
    )
    await harness().network.applyVpc(plan)
    expect(await wrong([out(nat), true], [out(bare), true], [host(PUBLIC[1]), true])).toEqual([])
  })

  it('takes the longest route, and drops what falls into a black hole', async () => {
    const routed = eni(13, ['sg-1'], { subnetId: 'subnet-igw', publicIp: PUBLIC[1] })
    const inner = eni(10, ['sg-1'])
    const plan = vpc([group('sg-1', [everything])])
    const out: ConformanceProbe = { from: routed.id, to: INTERNET, protocol: 'tcp', port: 80 }
    const host: ConformanceProbe = { ...out, from: 'host', to: PUBLIC[1] }
    const withRoutes = (...routes: SubnetPlan['routes']): VpcPlan => ({
      ...plan,
      subnets: SUBNETS.map((subnet) => (subnet.id === 'subnet-igw' ? { ...subnet, routes } : subnet)),
    })
    const all = { destination: ANY, target: 'internet-gateway' } as const
    await harness().network.applyVpc(withRoutes(all, { destination: '198.51.0.0/16', target: 'blackhole' }))
    await attached(routed, inner)
    expect(await wrong([out, false], [host, true], [to(routed, inner), true], [to(inner, routed), true])).toEqual([])
    await harness().network.applyVpc(
      withRoutes(
        all,
        { destination: '198.51.0.0/16', target: 'blackhole' },
        { destination: `${INTERNET}/32`, target: 'nat-1' },
        { destination: '2001:db8::/32', target: 'blackhole' },
      ),
    )
    expect(await wrong([out, true], [host, true])).toEqual([])
    // A route back is a route: what comes from where none leads is not let in.
    await harness().network.applyVpc(withRoutes({ destination: `${INTERNET}/32`, target: 'internet-gateway' }))
    expect(await wrong([out, true], [host, false])).toEqual([])
    await harness().network.applyVpc(
      withRoutes({ ...all, target: 'blackhole' }, { ...all, destination: '10.0.0.0/24' }),
    )
    expect(await wrong([out, false], [host, false], [to(routed, inner), false])).toEqual([])
  })

  it('asks the network ACL at the border of a subnet, there and back', async () => {
    const [a, b] = [eni(10, ['sg-1']), eni(11, ['sg-1'], { subnetId: 'subnet-nat' })]
    const [c, d] = [
      eni(12, ['sg-1'], { subnetId: 'subnet-nat' }),
      eni(13, ['sg-1'], { subnetId: 'subnet-igw', publicIp: PUBLIC[1] }),
    ]
    const all: Pick<NetworkAclEntry, 'action' | 'protocol' | 'cidr'> = { action: 'allow', protocol: '-1', cidr: ANY }
    const entry = (direction: 'ingress' | 'egress', more: Partial<NetworkAclEntry> = {}): NetworkAclEntry => ({
      ...all,
      direction,
      ...more,
    })
    const ports = (fromPort: number, toPort: number): Partial<NetworkAclEntry> => ({
      protocol: '6',
      fromPort,
      toPort,
    })
    const host: ConformanceProbe = { from: 'host', to: PUBLIC[1], protocol: 'tcp', port: 80 }
    const withAcl = (...entries: NetworkAclEntry[]): VpcPlan => ({
      ...vpc([group('sg-1', [everything])]),
      subnets: SUBNETS.map((subnet) => (subnet.id === 'subnet-none' ? subnet : { ...subnet, networkAclId: 'acl-1' })),
      networkAcls: [{ id: 'acl-1', entries }],
    })
    await harness().network.applyVpc(withAcl())
    await attached(a, b, c, d)
    expect(
      await wrong([to(a, b), false], [to(b, a), false], [to(b, c), true], [to(b, d), false], [host, false]),
    ).toEqual([])
    // The order decides; no answer comes back by itself.
    await harness().network.applyVpc(
      withAcl(
        entry('ingress', { ...ports(81, 81), action: 'deny' }),
        entry('ingress', { ...ports(80, 90), cidr: '10.0.0.0/24' }),
        entry('egress', ports(80, 80)),
      ),
    )
    expect(await wrong([to(a, b), false], [to(b, a), false])).toEqual([])
    await harness().network.applyVpc(
      withAcl(
        entry('ingress', { ...ports(81, 81), action: 'deny' }),
        entry('ingress', { ...ports(80, 90), cidr: '10.0.0.0/24' }),
        entry('egress', ports(1024, 65535)),
      ),
    )
    expect(
      await wrong(
        [to(a, b), true],
        [to(a, b, 81), false],
        [to(a, b, 443), false],
        [ping(a, b), false],
        [to(b, a), false],
        [to(b, c, 443), true],
        [host, false],
      ),
    ).toEqual([])
    await harness().network.applyVpc(withAcl(entry('ingress'), entry('egress')))
    expect(await wrong([to(a, b, 443), true], [to(b, a), true], [ping(a, b), true], [host, true])).toEqual([])
  })

  it("asks the network ACL and the routes of a NAT gateway's own subnet", async () => {
    const [a, b] = [eni(11, ['sg-1'], { subnetId: 'subnet-nat' }), eni(12, ['sg-1'], { subnetId: 'subnet-gate' })]
    const out: ConformanceProbe = { from: a.id, to: INTERNET, protocol: 'tcp', port: 80 }
    const all: NetworkAclEntry = { direction: 'ingress', action: 'allow', protocol: '-1', cidr: ANY }
    const gate = (entries: readonly NetworkAclEntry[], routes: SubnetPlan['routes'] = []): VpcPlan => ({
      ...vpc([group('sg-1', [everything])]),
      subnets: SUBNETS.map((subnet) =>
        subnet.id === 'subnet-gate'
          ? { ...subnet, networkAclId: 'acl-1', routes: [...subnet.routes, ...routes] }
          : subnet,
      ),
      networkAcls: [{ id: 'acl-1', entries }],
    })
    const egress: NetworkAclEntry = { ...all, direction: 'egress' }
    const tcpOnly = { protocol: 'tcp', fromPort: 1024, toPort: 65_535 } as const
    await harness().network.applyVpc(gate([all, egress]))
    await attached(a, b)
    expect(await wrong([out, true])).toEqual([])
    // In from the sender, out to the world, and both ways back: each has to be let pass.
    await harness().network.applyVpc(
      gate([
        { ...all, cidr: '10.0.1.0/24' },
        { ...all, ...tcpOnly, cidr: `${INTERNET}/32` },
        { ...egress, protocol: 'tcp', fromPort: 80, toPort: 80 },
        { ...egress, ...tcpOnly, cidr: '10.0.1.0/24' },
      ]),
    )
    expect(await wrong([out, true], [ping(a, b), false])).toEqual([])
    for (const closed of [
      [{ ...all, cidr: `${INTERNET}/32` }, egress],
      [{ ...all, cidr: '10.0.1.0/24' }, egress],
      [all, { ...egress, cidr: `${INTERNET}/32` }],
      [all, { ...egress, cidr: '10.0.1.0/24' }],
    ]) {
      await harness().network.applyVpc(gate(closed))
      expect(await wrong([out, false])).toEqual([])
    }
    await harness().network.applyVpc(gate([all, egress], [{ destination: '198.51.0.0/16', target: 'blackhole' }]))
    expect(await wrong([out, false])).toEqual([])
    await harness().network.applyVpc(gate([all, egress]))
    expect(await wrong([out, true])).toEqual([])
  })

  it('carries IPv6 out by gateways, and in by those that are not for egress only', async () => {
    const six = (number: number, subnet: 'none' | 'nat' | 'igw', groups = ['sg-1']): InterfacePlan =>
      eni(number, groups, {
        subnetId: `subnet-${subnet}`,
        ipv6Address: `2001:db8:1:${['none', 'nat', 'igw'].indexOf(subnet)}::${number}`,
      })
    const [none, eigw, igw, mute] = [six(10, 'none'), six(11, 'nat'), six(12, 'igw'), six(13, 'igw', ['sg-mute'])]
    const bare = eni(14, ['sg-1'], { subnetId: 'subnet-igw' })
    const open: SecurityRule = { protocol: '-1', cidr: '::/0' }
    const ask = (from: string, to: string): ConformanceProbe => ({ from, to, protocol: 'icmp', port: 128 })
    const out = ({ id }: InterfacePlan, to = INTERNET_IPV6): ConformanceProbe => ask(id, to)
    const into = ({ ipv6Address = '' }: InterfacePlan): ConformanceProbe => ask('host', ipv6Address)
    const base = vpc([group('sg-1', [open], [open]), group('sg-mute', [], [])])
    const plan: VpcPlan = {
      ...base,
      ipv6Cidrs: ['2001:db8:1::/56'],
      subnets: base.subnets.map((subnet, at) => {
        const target = subnet.id === 'subnet-nat' ? 'egress-only-internet-gateway' : 'internet-gateway'
        const own = subnet.id === 'subnet-none' ? [] : [{ destination: '::/0', target } as const]
        return { ...subnet, ipv6Cidr: `2001:db8:1:${at}::/64`, routes: [...subnet.routes, ...own] }
      }),
    }
    await harness().network.applyVpc(plan)
    await attached(none, eigw, igw, mute, bare)
    expect(
      await wrong(
        [out(none), false],
        [out(eigw), true],
        [out(igw), true],
        [out(mute), false],
        [out(bare), false],
        [into(igw), true],
        [into(eigw), false],
        [into(none), false],
        [into(mute), false],
        // Private, and of the range of VPCs without being anyone's.
        [out(igw, 'fd00:99::1'), false],
        [out(igw, '2001:db8:99::1'), false],
        [out(eigw, igw.ipv6Address), true],
      ),
    ).toEqual([])
    await harness().network.applyVpc({
      ...plan,
      id: 'vpc-b',
      cidrs: ['10.0.0.0/16'],
      ipv6Cidrs: [],
      subnets: base.subnets,
      natGateways: [{ id: 'nat-1', subnetId: 'subnet-gate', publicIp: '198.18.0.102' }],
    })
    harness().restart()
    expect(await wrong([out(igw), true], [into(igw), true], [into(eigw), false])).toEqual([])
    await harness().network.applyVpc({
      ...plan,
      subnets: plan.subnets.map((subnet) => ({ ...subnet, routes: [] })),
      natGateways: [],
    })
    expect(await wrong([out(igw), false], [into(igw), false], [out(none, igw.ipv6Address), true])).toEqual([])
    await harness().network.applyVpc(plan)
    await harness().network.detach(igw.id)
    expect(await wrong([out(eigw), true], [into(igw), false])).toEqual([])
  })

  it('lets nothing out when egress is off, and the host in', async () => {
    await reopen({ egress: false })
    const nat = eni(11, ['sg-1'], { subnetId: 'subnet-nat' })
    const igw = eni(13, ['sg-1'], { subnetId: 'subnet-igw', publicIp: PUBLIC[1] })
    await harness().network.applyVpc(vpc([group('sg-1', [everything])]))
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
}
