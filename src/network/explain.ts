// Follows the first packet of a flow, and its answers, through what the packet filter is written from: who is asked, and
// by what it passes or is stopped. Pure.

import { DOCUMENTATION_IPV6, NEVER_OUTSIDE, NEVER_OUTSIDE_IPV6, routerAddresses, servicesOf } from './addresses.ts'
import {
  answered,
  askedAcl,
  askedGroups,
  type Crossing,
  hasAddress,
  isSameAddress,
  packetText,
} from './explain-rules.ts'
import type { Direction, Packet } from './match.ts'
import type { ForwarderPlan, InterfacePlan, RoutePlan, SubnetPlan, VpcPlan } from './network.ts'
import type { NetworkSnapshot, PathExplanation, PathQuestion, PathStep } from './path.ts'
import { familyOf, holdsAddress, rangeOf } from './ranges.ts'
import { exitOf, leadsBack, publicIpOf, type Way, wayTo } from './routes.ts'

/** What the machine appears as to a task that it reaches under its public address. */
const HOST_ADDRESS = { ip: '169.254.64.0', ip6: 'fd6e:6761:7465::a9fe:4000' } as const

/** One packet under way: what was asked so far. */
interface Walk {
  readonly snapshot: NetworkSnapshot
  readonly packet: Packet
  readonly steps: PathStep[]
  readonly crossings: Crossing[]
  /** Interfaces that have forwarded the packet. */
  readonly forwarders: string[]
}

/** An interface with all that is around it. */
interface Stand {
  readonly vpc: VpcPlan
  readonly subnet: SubnetPlan
  readonly plan: InterfacePlan
}

const step = (walk: Walk, asked: PathStep['asked'], passes: boolean, says: string, more: Partial<PathStep> = {}) => {
  walk.steps.push({ way: 'there', asked, passes, says, ...more })
  return passes
}

const standOf = ({ vpcs }: NetworkSnapshot, plan: InterfacePlan): Stand | undefined => {
  const vpc = vpcs.find(({ id }) => id === plan.vpcId)
  const subnet = vpc?.subnets.find(({ id }) => id === plan.subnetId)
  return vpc === undefined || subnet === undefined ? undefined : { vpc, subnet, plan }
}

const groupsPass = (walk: Walk, { vpc, plan }: Stand, direction: Direction, other: string): boolean => {
  const asked = askedGroups(walk.snapshot, vpc, plan, direction, other, walk.packet)
  walk.steps.push(asked)
  return asked.passes
}

const crosses = (walk: Walk, crossing: Crossing): boolean => {
  const asked = askedAcl(crossing, walk.packet, 'there')
  walk.crossings.push(crossing)
  if (asked !== undefined) walk.steps.push(asked)
  return asked?.passes ?? true
}

/** Whoever the outside knows under an address: a public one, or an IPv6 one, which is public of itself. */
const holderOf = ({ interfaces }: NetworkSnapshot, address: string): InterfacePlan | undefined =>
  interfaces.find((plan) => isSameAddress(familyOf(address) === 'ip' ? plan.publicIp : plan.ipv6Address, address))

const ownAddress = ({ privateIp, ipv6Address }: InterfacePlan, to: string): string | undefined =>
  familyOf(to) === 'ip' ? privateIp : ipv6Address

/** From outside, under a public address. */
const arrivesPublic = (walk: Walk, source: string, plan: InterfacePlan): boolean => {
  const stand = standOf(walk.snapshot, plan)
  if (stand === undefined) return step(walk, 'interface', false, `${plan.id} is in no VPC that is here`)
  const { vpc, subnet } = stand
  if (familyOf(source) === 'ip' && publicIpOf(vpc, plan) === undefined)
    return step(
      walk,
      'gateway',
      false,
      `no route of ${subnet.id} leads to an internet gateway: nothing gets to ${plan.id}`,
    )
  const back = wayTo(vpc, subnet, source)
  const table = subnet.routeTableId ?? `the route table of ${subnet.id}`
  const by = back === undefined ? {} : { by: back.destination }
  const says = leadsBack(back)
    ? `${table} leads back to ${source} by ${back?.destination}: the internet gateway hands it to ${plan.id}`
    : `${table} leads back to ${source} by no internet gateway`
  return (
    step(walk, 'route', leadsBack(back), says, { ...idOf(subnet), ...by }) &&
    crosses(walk, { vpc, subnet, direction: 'ingress', other: source }) &&
    groupsPass(walk, stand, 'ingress', source)
  )
}

const idOf = ({ routeTableId }: SubnetPlan): { readonly id?: string } =>
  routeTableId === undefined ? {} : { id: routeTableId }

const isNeverOutside = (address: string): boolean =>
  [...NEVER_OUTSIDE, ...NEVER_OUTSIDE_IPV6].some((cidr) => holdsAddress(rangeOf(cidr), address))

/** Out of a VPC, under an address that the outside sees. */
const goesOutside = (walk: Walk, source: string, to: string): boolean => {
  const { snapshot } = walk
  if (isNeverOutside(to)) return step(walk, 'host', false, `${to} is no address of the outside: nothing leaves for it`)
  if (!snapshot.egressAllowed) return step(walk, 'host', false, 'egress is switched off: nothing leaves by a gateway')
  const holder = holderOf(snapshot, to)
  if (holder !== undefined) return arrivesPublic(walk, source, holder)
  if (holdsAddress(rangeOf(DOCUMENTATION_IPV6), to))
    return step(walk, 'host', false, `no attached interface has ${to}, and nothing of its range is outside`)
  if ((snapshot.hostAddresses ?? []).some((one) => isSameAddress(one, to)))
    return step(walk, 'host', false, `${to} is the machine itself, whose services tasks do not find`)
  const gateway = snapshot.vpcs.flatMap(({ natGateways = [] }) => natGateways).find(({ publicIp }) => publicIp === to)
  if (gateway !== undefined)
    return step(walk, 'gateway', false, `${to} is ${gateway.id}, which lets in answers only`, { id: gateway.id })
  return step(walk, 'host', true, `leaves the machine as ${source}; what is beyond is not known here`)
}

const routePasses = (walk: Walk, { subnet }: Stand, to: string, route: RoutePlan | undefined, says: string) =>
  step(
    walk,
    'route',
    route !== undefined && route.target !== 'blackhole',
    `${subnet.routeTableId ?? `the route table of ${subnet.id}`}: ${says}`,
    { ...idOf(subnet), by: route?.destination ?? `no route to ${to}` },
  )

const leavesByGateway = (walk: Walk, stand: Stand, to: string, route: RoutePlan): boolean => {
  const { vpc, subnet, plan } = stand
  const exit = exitOf(vpc, route.target, familyOf(to))
  const named = { id: route.targetId ?? route.target }
  if (exit === undefined) return step(walk, 'gateway', false, `${named.id} carries no such packets`, named)
  if (exit.by === 'interface') return leavesByInterface(walk, stand, to, exit.forwarder)
  if (exit.by !== 'nat-gateway') {
    const source = familyOf(to) === 'ip' ? publicIpOf(vpc, plan) : plan.ipv6Address
    if (source === undefined)
      return step(walk, 'gateway', false, `${named.id}: ${plan.id} has no public address to leave under`, named)
    return step(walk, 'gateway', true, `${named.id}: leaves as ${source}`, named) && goesOutside(walk, source, to)
  }
  const { gateway } = exit
  const at = vpc.subnets.find(({ id }) => id === gateway.subnetId)
  if (at === undefined) return step(walk, 'gateway', false, `${gateway.id} stands in no subnet`, { id: gateway.id })
  const source = ownAddress(plan, to) ?? ''
  const isElsewhere = at.id !== subnet.id
  // Within one subnet no border is crossed, and the sender's was asked already about what goes out.
  if (isElsewhere && !crosses(walk, { vpc, subnet: at, direction: 'ingress', other: source })) return false
  const onward = wayTo(vpc, at, to)
  const table = at.routeTableId ?? `the route table of ${at.id}`
  return (
    step(walk, 'gateway', true, `${gateway.id}: leaves as ${gateway.publicIp}`, { id: gateway.id }) &&
    (!isElsewhere || crosses(walk, { vpc, subnet: at, direction: 'egress', other: to })) &&
    step(
      walk,
      'route',
      leadsBack(onward),
      `${table}: ${gateway.id} has ${leadsBack(onward) ? 'the route' : 'no route'} to an internet gateway for ${to}`,
      { ...idOf(at), by: onward?.destination ?? `no route to ${to}` },
    ) &&
    goesOutside(walk, gateway.publicIp, to)
  )
}

/** What an interface makes of it is for the program behind it: NAT instances send it on under their own address. */
const leavesByInterface = (walk: Walk, from: Stand, to: string, { id }: ForwarderPlan): boolean => {
  const source = from.plan.privateIp
  const plan = walk.snapshot.interfaces.find((one) => one.id === id)
  const stand = plan === undefined ? undefined : standOf(walk.snapshot, plan)
  if (stand === undefined) return step(walk, 'interface', false, `${id} is not attached`, { id })
  if (id === from.plan.id || walk.forwarders.includes(id))
    return step(walk, 'interface', false, `${id} would send it to itself`, { id })
  walk.forwarders.push(id)
  const { vpc, subnet } = stand
  const isElsewhere = subnet.id !== from.subnet.id
  return (
    (!isElsewhere || crosses(walk, { vpc, subnet, direction: 'ingress', other: source })) &&
    groupsPass(walk, stand, 'ingress', source) &&
    step(walk, 'interface', true, `${id} forwards it, as a NAT instance under its own address`, { id }) &&
    leaves(walk, stand, to)
  )
}

const arrivesInside = (walk: Walk, from: Stand, source: string, to: string): boolean => {
  const { vpc, subnet } = from
  const other = walk.snapshot.interfaces.find((plan) => plan.vpcId === vpc.id && hasAddress(plan, to))
  const target = other === undefined ? undefined : standOf(walk.snapshot, other)
  if (target === undefined) return step(walk, 'interface', false, `no attached interface of ${vpc.id} has ${to}`)
  const isElsewhere = target.subnet.id !== subnet.id
  return (
    (!isElsewhere || crosses(walk, { vpc, subnet: target.subnet, direction: 'ingress', other: source })) &&
    groupsPass(walk, target, 'ingress', source)
  )
}

const isInSubnet = ({ cidr, ipv6Cidr }: SubnetPlan, address: string): boolean =>
  [cidr, ipv6Cidr].some((block) => block !== undefined && holdsAddress(rangeOf(block), address))

/** To a forwarder of the same subnet, as to any neighbour, no border is crossed. */
const leavesSubnet = ({ vpc, subnet }: Stand, to: string, way: Way | undefined): boolean => {
  if (isInSubnet(subnet, to)) return false
  if (way === undefined || way.target === 'local') return true
  const exit = exitOf(vpc, way.target, familyOf(to))
  return exit?.by !== 'interface' || exit.forwarder.subnetId !== subnet.id
}

const leaves = (walk: Walk, from: Stand, to: string): boolean => {
  const { vpc, subnet, plan } = from
  const source = ownAddress(plan, to)
  if (source === undefined) return step(walk, 'interface', false, `${plan.id} has no IPv6 address`)
  if (hasAddress(plan, to)) return step(walk, 'interface', true, `${to} is the interface's own address`)
  if (routerAddresses(vpc).includes(to)) return asksRouter(walk, vpc, to)
  if (!groupsPass(walk, from, 'egress', to)) return false
  const way = wayTo(vpc, subnet, to)
  if (leavesSubnet(from, to, way) && !crosses(walk, { vpc, subnet, direction: 'egress', other: to })) return false
  if (way?.target === 'local') {
    const says = `${subnet.routeTableId ?? `the route table of ${subnet.id}`}: ${way.destination} is local`
    step(walk, 'route', true, says, { ...idOf(subnet), by: way.destination })
    return arrivesInside(walk, from, source, to)
  }
  if (way === undefined) return routePasses(walk, from, to, undefined, `no route to ${to}`)
  const leadsTo = `${way.destination} leads to ${way.targetId ?? way.target}`
  const says = way.target === 'blackhole' ? `${leadsTo}, a black hole` : leadsTo
  return routePasses(walk, from, to, way, says) && leavesByGateway(walk, from, to, way)
}

const asksRouter = (walk: Walk, vpc: VpcPlan, to: string): boolean => {
  const { protocol, port } = walk.packet
  const service = servicesOf(vpc).find(
    (one) => one.addresses.includes(to) && one.protocol === protocol && one.port === port,
  )
  const says =
    service === undefined
      ? `${to} is the router of ${vpc.id}, which does not answer ${packetText(walk.packet)}`
      : `${to} is ${service.name}, which every task may ask`
  return step(walk, 'router', service !== undefined, says)
}

const comesFromOutside = (walk: Walk, source: string, isHost: boolean, to: string): boolean => {
  const holder = holderOf(walk.snapshot, to)
  if (holder === undefined) return step(walk, 'host', false, `no attached interface is known outside as ${to}`)
  if (!isHost && isNeverOutside(source))
    return step(walk, 'host', false, `${source} is no address of the outside: nothing of it is let in`)
  if (!isHost && !walk.snapshot.egressAllowed)
    return step(walk, 'host', false, 'egress is switched off: the machine forwards nothing')
  return arrivesPublic(walk, source, holder)
}

const packetOf = ({ protocol, port, to }: PathQuestion): Packet => ({
  protocol: protocol === 'icmp' && familyOf(to) === 'ip6' ? 'icmpv6' : protocol,
  port,
})

const goes = (walk: Walk, { from, to }: PathQuestion): boolean => {
  if (from === 'host') return comesFromOutside(walk, HOST_ADDRESS[familyOf(to)], true, to)
  if ('outside' in from) return comesFromOutside(walk, from.outside, false, to)
  const plan = walk.snapshot.interfaces.find(({ id }) => id === from.interfaceId)
  const stand = plan === undefined ? undefined : standOf(walk.snapshot, plan)
  if (stand === undefined) return step(walk, 'interface', false, `${from.interfaceId} is not attached`)
  return leaves(walk, stand, to)
}

/** Whether a new flow gets there, and answers to it back. Fault "invalid" for what is no address. */
export const explainPath = (snapshot: NetworkSnapshot, question: PathQuestion): PathExplanation => {
  const walk: Walk = { snapshot, packet: packetOf(question), steps: [], crossings: [], forwarders: [] }
  if (!goes(walk, question)) return { allowed: false, steps: walk.steps }
  const back = answered(walk.crossings, walk.packet)
  const stop = back.findIndex(({ passes }) => !passes)
  return { allowed: stop === -1, steps: [...walk.steps, ...(stop === -1 ? back : back.slice(0, stop + 1))] }
}
