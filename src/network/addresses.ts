// The addresses that mean something inside every VPC.

import { block, dotted } from './ipv4.ts'
import type { SubnetPlan, VpcPlan } from './network.ts'

/** Task metadata and credentials, HTTP on port 80. AWS: "Task metadata endpoint version 4". */
export const METADATA_ADDRESS = '169.254.170.2'
export const METADATA_PORT = 80
/** Neargate's own AWS API, for the SDKs inside tasks. */
export const API_ADDRESS = '169.254.170.4'
export const API_PORT = 4566
/** The Amazon-provided resolver beside base+2. AWS: "Amazon DNS server". */
export const RESOLVER_ADDRESS = '169.254.169.253'
export const RESOLVER_PORT = 53

/** The router of a subnet: the second address of its block. AWS: "Subnet CIDR blocks". */
export const gatewayOf = (subnet: Pick<SubnetPlan, 'cidr'>): string => dotted(block(subnet.cidr).base + 1)

/** The resolver of a VPC: the third address of its primary block. */
export const resolverOf = (vpc: Pick<VpcPlan, 'cidrs'>): string => dotted(block(vpc.cidrs[0] ?? '').base + 2)

export interface RouterService {
  readonly name: string
  readonly addresses: readonly string[]
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

/** What the router answers to every task of its VPC, whatever the security groups say. */
export const servicesOf = (vpc: Pick<VpcPlan, 'cidrs'>): readonly RouterService[] => {
  const resolvers = [RESOLVER_ADDRESS, resolverOf(vpc)]
  return [
    { name: 'task metadata', addresses: [METADATA_ADDRESS], protocol: 'tcp', port: METADATA_PORT },
    { name: 'the API', addresses: [API_ADDRESS], protocol: 'tcp', port: API_PORT },
    { name: 'the resolver', addresses: resolvers, protocol: 'udp', port: RESOLVER_PORT },
    { name: 'the resolver', addresses: resolvers, protocol: 'tcp', port: RESOLVER_PORT },
  ]
}

/** All addresses that are the router's own. */
export const routerAddresses = (vpc: VpcPlan): string[] => [
  ...new Set([...servicesOf(vpc).flatMap(({ addresses }) => addresses), ...vpc.subnets.map(gatewayOf)]),
]

/** Never routed out of a VPC: private, shared, loopback, link-local, multicast and reserved. RFC 6890. */
export const NEVER_OUTSIDE = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
] as const

/** The same of IPv6: unspecified, mapped, translated, discard-only, unique local, link-local and multicast. */
export const NEVER_OUTSIDE_IPV6 = ['::/8', '100::/64', 'fc00::/7', 'fe80::/9', 'ff00::/8'] as const

/** Where VPCs have their IPv6 blocks: what no interface has out of it must not leave the machine. RFC 3849. */
export const DOCUMENTATION_IPV6 = '2001:db8::/32'
