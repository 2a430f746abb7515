// The world of the conformance suite: its VPC, its interfaces, and how probes are sent and judged.

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
/** An IPv6 address of the outside, of a range that no network uses (RFC 9637); answers echo requests. */
export const INTERNET_IPV6 = '3fff::7'
export const PUBLIC = ['198.18.0.11', '198.18.0.12'] as const
export const ECHO_REQUEST = 8

export const ANY = '0.0.0.0/0'
export const everything: SecurityRule = { protocol: '-1', cidr: ANY }
export const tcp = (port: number, other: Partial<SecurityRule>): SecurityRule => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  ...other,
})
export const group = (
  id: string,
  ingress: readonly SecurityRule[],
  egress: readonly SecurityRule[] = [everything],
): SecurityGroupPlan => ({ id, ingress, egress })

export const SUBNETS: readonly SubnetPlan[] = [
  { id: 'subnet-none', cidr: '10.0.0.0/24', routes: [] },
  { id: 'subnet-nat', cidr: '10.0.1.0/24', routes: [{ destination: ANY, target: 'nat-1' }] },
  { id: 'subnet-igw', cidr: '10.0.2.0/24', routes: [{ destination: ANY, target: 'internet-gateway' }] },
  // The NAT gateway's own.
  { id: 'subnet-gate', cidr: '10.0.3.0/24', routes: [{ destination: ANY, target: 'internet-gateway' }] },
]
export const vpc = (securityGroups: readonly SecurityGroupPlan[], id = 'vpc-a'): VpcPlan => ({
  id,
  cidrs: ['10.0.0.0/16'],
  subnets: SUBNETS,
  securityGroups,
  natGateways: [{ id: 'nat-1', subnetId: 'subnet-gate', publicIp: id === 'vpc-a' ? '198.18.0.101' : '198.18.0.102' }],
})

const SUBNET_BASE: Readonly<Record<string, string>> = {
  'subnet-none': '10.0.0.',
  'subnet-nat': '10.0.1.',
  'subnet-igw': '10.0.2.',
  'subnet-gate': '10.0.3.',
}
/** An interface whose name gives its id and whose number gives its address. */
export const eni = (
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

/** What a suite does with the harness of the test that is running. */
export interface ProbeTools {
  readonly attached: (...plans: readonly InterfacePlan[]) => Promise<void>
  readonly to: (from: InterfacePlan, other: InterfacePlan, port?: number) => ConformanceProbe
  readonly ping: (from: InterfacePlan, other: InterfacePlan) => ConformanceProbe
  /** The probes that end otherwise than desired. All at once: what is dropped is only known after a while. */
  readonly wrong: (...expectations: readonly (readonly [ConformanceProbe, boolean])[]) => Promise<string[]>
}

export const probeTools = (harness: () => NetworkHarness): ProbeTools => {
  const attached = async (...plans: readonly InterfacePlan[]): Promise<void> => {
    for (const plan of plans) await harness().network.attach(plan)
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
  const wrong = async (...expectations: readonly (readonly [ConformanceProbe, boolean])[]): Promise<string[]> => {
    const seen = await Promise.all(expectations.map(([probe]) => harness().reaches(probe)))
    return expectations.flatMap(([{ from, to: there, protocol, port }, desired], at) =>
      seen[at] === desired ? [] : [`${from} ${seen[at] ? 'reaches' : 'does not reach'} ${there} ${protocol} ${port}`],
    )
  }
  return { attached, to, ping, wrong }
}
