// Which way a subnet's routes lead, and what stands at the end of it. Pure; the packet filter is written from this, and
// paths are explained by it.

import type {
  ForwarderPlan,
  InterfacePlan,
  NatGatewayPlan,
  RoutePlan,
  RouteTarget,
  SubnetPlan,
  VpcPlan,
} from './network.ts'
import { familyOf, type Family, flattened, holdsAddress, type Range, rangeOf } from './ranges.ts'

/** A route as it is followed: one of the subnet's own, or the one to inside the VPC that goes without saying. */
export type Way = RoutePlan | { readonly destination: string; readonly target: 'local' }

export const blocksOf = (vpc: VpcPlan, family: Family): readonly string[] =>
  family === 'ip' ? vpc.cidrs : (vpc.ipv6Cidrs ?? [])

/** Every route of one family. Of two equal ones the first has its say: the VPC's own blocks come first. */
export const waysOf = (
  vpc: VpcPlan,
  subnet: SubnetPlan,
  family: Family,
): { readonly range: Range; readonly value: Way }[] =>
  [...blocksOf(vpc, family).map((destination) => ({ destination, target: 'local' as const })), ...subnet.routes]
    .map((value) => ({ range: rangeOf(value.destination), value }))
    .filter(({ range }) => range.family === family)

/** undefined where no route leads: such packets are dropped, as by a black hole. */
export const wayTo = (vpc: VpcPlan, subnet: SubnetPlan, address: string): Way | undefined =>
  flattened(waysOf(vpc, subnet, familyOf(address))).find(({ range }) => holdsAddress(range, address))?.value

export type Exit =
  | { readonly by: 'internet-gateway' | 'egress-only-internet-gateway' }
  | { readonly by: 'nat-gateway'; readonly gateway: NatGatewayPlan }
  | { readonly by: 'interface'; readonly forwarder: ForwarderPlan }

/** By what packets of one family leave their subnet there; undefined when they do not. */
export const exitOf = (vpc: VpcPlan, target: RouteTarget, family: Family): Exit | undefined => {
  if (target === 'internet-gateway') return { by: target }
  if (target === 'egress-only-internet-gateway') return family === 'ip6' ? { by: target } : undefined
  if (family === 'ip6') return undefined
  const forwarder = (vpc.forwarders ?? []).find(({ id }) => id === target)
  if (forwarder !== undefined) return { by: 'interface', forwarder }
  const gateway = (vpc.natGateways ?? []).find(({ id }) => id === target)
  return gateway === undefined ? undefined : { by: 'nat-gateway', gateway }
}

/** Whether what comes in from outside has a way back there: without one, AWS's gateway lets nothing in. */
export const leadsBack = (way: Pick<Way, 'target'> | undefined): boolean => way?.target === 'internet-gateway'

/** Its public address, while that leads to it: while some route of its subnet leads to an internet gateway. */
export const publicIpOf = (vpc: VpcPlan, { subnetId, publicIp }: InterfacePlan): string | undefined =>
  vpc.subnets.find(({ id }) => id === subnetId)?.routes.some(leadsBack) === true ? publicIp : undefined

/**
 * How an interface is known outside under its IPv6 address: "open" to all that its subnet routes back to by an internet
 * gateway, for "answers" only behind an egress-only one, else not at all.
 */
export const ipv6ExposureOf = (vpc: VpcPlan, { subnetId }: InterfacePlan): 'open' | 'answers' | undefined => {
  const subnet = vpc.subnets.find(({ id }) => id === subnetId)
  const targets = new Set(subnet === undefined ? [] : waysOf(vpc, subnet, 'ip6').map(({ value }) => value.target))
  if (targets.has('internet-gateway')) return 'open'
  return targets.has('egress-only-internet-gateway') ? 'answers' : undefined
}
