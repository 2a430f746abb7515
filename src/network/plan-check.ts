// Refuses plans that make no sense, before anything is touched. Pure; every implementation calls it.

import { Fault } from '#base/fault.ts'
import { gatewayOf, resolverOf } from './addresses.ts'
import { address, block, contains, covers, overlaps } from './ipv4.ts'
import * as limits from './limits.ts'
import type { InterfacePlan, SecurityRule, VpcPlan } from './network.ts'
import { holds, holdsAddress, rangeOf } from './ranges.ts'

const ID = new RegExp(`^[a-zA-Z0-9][a-zA-Z0-9-]{0,${limits.ID_CHARACTERS - 1}}$`)
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/
const NAMED_PROTOCOLS = new Set(['tcp', 'udp', 'icmp', 'icmpv6', '-1'])
const ICMP = new Set(['icmp', '1', 'icmpv6', '58'])
const HIGHEST = { port: 65535, icmp: 255, protocol: 255 } as const

const refuse = (why: string): never => {
  throw new Fault('invalid', why)
}

/** Ids become names of files and of nftables sets; nothing else may get there. */
const checkId = (id: string): void => {
  if (!ID.test(id)) refuse(`${JSON.stringify(id)} is no id`)
}

const within = (count: number, limit: number, what: string): void => {
  if (count > limit) refuse(`${count} ${what} are more than ${limit}`)
}

const checkPorts = (rule: Pick<SecurityRule, 'protocol' | 'fromPort' | 'toPort'>): void => {
  const { fromPort, toPort } = rule
  if (fromPort === undefined && toPort === undefined) return
  if (fromPort === undefined || toPort === undefined) return refuse('a rule has one end of a port range only')
  const isIcmp = ICMP.has(rule.protocol)
  const highest = isIcmp ? HIGHEST.icmp : HIGHEST.port
  for (const port of [fromPort, toPort]) {
    if (!Number.isInteger(port) || port < -1 || port > highest) refuse(`${port} is no port of ${rule.protocol}`)
  }
  if (!isIcmp && fromPort > toPort) refuse(`the port range ${fromPort}-${toPort} is empty`)
}

const checkProtocol = (rule: Pick<SecurityRule, 'protocol' | 'fromPort' | 'toPort'>): void => {
  const named = NAMED_PROTOCOLS.has(rule.protocol)
  if (!named && !(/^[0-9]{1,3}$/.test(rule.protocol) && Number(rule.protocol) <= HIGHEST.protocol))
    refuse(`${JSON.stringify(rule.protocol)} is no protocol`)
  checkPorts(rule)
}

const checkRule = (rule: SecurityRule): void => {
  checkProtocol(rule)
  const peers = [rule.cidr, rule.groupId, rule.cidrs].filter((peer) => peer !== undefined)
  if (peers.length !== 1) refuse('a rule names exactly one other side')
  if (rule.groupId !== undefined) checkId(rule.groupId)
  within(rule.cidrs?.length ?? 0, limits.CIDRS_PER_RULE, 'blocks in one rule')
  for (const cidr of rule.cidrs ?? (rule.cidr === undefined ? [] : [rule.cidr])) rangeOf(cidr)
}

const checkUnique = (ids: readonly string[], what: string): void => {
  ids.forEach(checkId)
  if (new Set(ids).size !== ids.length) refuse(`two ${what} have the same id`)
}

/** Fault "invalid" for a plan that makes no sense. */
export const checkVpcPlan = (plan: VpcPlan): void => {
  checkId(plan.id)
  within(plan.cidrs.length, limits.CIDRS_PER_VPC, 'blocks')
  within(plan.subnets.length, limits.SUBNETS_PER_VPC, 'subnets')
  within(plan.securityGroups.length, limits.GROUPS_PER_VPC, 'security groups')
  if (plan.cidrs.length === 0) refuse(`${plan.id} has no block`)
  const blocks = plan.cidrs.map(block)
  const subnets = plan.subnets.map((subnet) => ({ id: subnet.id, block: block(subnet.cidr) }))
  checkUnique(
    subnets.map(({ id }) => id),
    'subnets',
  )
  subnets.forEach((subnet, position) => {
    if (!blocks.some((outer) => covers(outer, subnet.block))) refuse(`${subnet.id} is outside of ${plan.id}`)
    const other = subnets.slice(0, position).find((earlier) => overlaps(earlier.block, subnet.block))
    if (other !== undefined) refuse(`${subnet.id} overlaps ${other.id}`)
  })
  checkUnique(
    plan.securityGroups.map(({ id }) => id),
    'security groups',
  )
  for (const group of plan.securityGroups) {
    within(group.ingress.length + group.egress.length, limits.RULES_PER_GROUP, 'rules in one group')
    for (const rule of [...group.ingress, ...group.egress]) checkRule(rule)
  }
  checkForwarders(plan)
  checkGateways(plan)
  checkAcls(plan)
  checkIpv6(plan)
  checkFlowLogs(plan)
}

const checkForwarders = ({ forwarders = [], subnets }: VpcPlan): void => {
  checkUnique(
    forwarders.map(({ id }) => id),
    'forwarders',
  )
  within(forwarders.length, limits.FORWARDERS_PER_VPC, 'forwarders')
  for (const { id, subnetId, privateIp } of forwarders) {
    const subnet = subnets.find((one) => one.id === subnetId)
    if (subnet === undefined || !contains(block(subnet.cidr), address(privateIp)))
      refuse(`${id} is in no subnet of the VPC`)
  }
}

const checkGateways = ({ natGateways = [], forwarders = [], subnets }: VpcPlan): void => {
  checkUnique(
    natGateways.map(({ id }) => id),
    'NAT gateways',
  )
  within(natGateways.length, limits.NAT_GATEWAYS_PER_VPC, 'NAT gateways')
  for (const { id, publicIp, subnetId } of natGateways) {
    address(publicIp)
    if (!subnets.some((subnet) => subnet.id === subnetId)) refuse(`${id} is in no subnet of the VPC`)
  }
  for (const { id, routes } of subnets) {
    within(routes.length, limits.ROUTES_PER_SUBNET, `routes of ${id}`)
    for (const { destination, target } of routes) {
      rangeOf(destination)
      if (target.startsWith('nat-') && !natGateways.some((gateway) => gateway.id === target))
        refuse(`${target} is no NAT gateway of the VPC`)
      if (target.startsWith('eni-') && !forwarders.some((forwarder) => forwarder.id === target))
        refuse(`${target} forwards nothing`)
    }
  }
}

const checkAcls = ({ networkAcls = [], subnets }: VpcPlan): void => {
  checkUnique(
    networkAcls.map(({ id }) => id),
    'network ACLs',
  )
  for (const { networkAclId } of subnets) {
    if (networkAclId !== undefined && !networkAcls.some(({ id }) => id === networkAclId))
      refuse(`${networkAclId} is no network ACL of the VPC`)
  }
  for (const { id, entries } of networkAcls) {
    within(entries.length, limits.ENTRIES_PER_ACL, `entries of ${id}`)
    for (const entry of entries) {
      checkProtocol(entry)
      rangeOf(entry.cidr)
    }
  }
}

const checkIpv6 = ({ id, ipv6Cidrs = [], subnets }: VpcPlan): void => {
  within(ipv6Cidrs.length, limits.CIDRS_PER_VPC, 'IPv6 blocks')
  const blocks = ipv6Cidrs.map(rangeOf)
  for (const subnet of subnets) {
    if (subnet.ipv6Cidr === undefined) continue
    const inner = rangeOf(subnet.ipv6Cidr)
    if (inner.family !== 'ip6' || !blocks.some((outer) => holds(outer, inner)))
      refuse(`${subnet.id} is outside of the IPv6 blocks of ${id}`)
  }
}

const checkFlowLogs = ({ flowLogs }: VpcPlan): void => {
  within(flowLogs?.blocks.length ?? 0, limits.LOGGED_BLOCKS_PER_VPC, 'blocks of flow logs')
  flowLogs?.blocks.forEach(rangeOf)
}

/** Made once per plan: a VPC may have thousands of groups, and as many interfaces that name them. */
const groupIds = new WeakMap<VpcPlan, ReadonlySet<string>>()

const groupsOf = (vpc: VpcPlan): ReadonlySet<string> => {
  const known = groupIds.get(vpc) ?? new Set(vpc.securityGroups.map(({ id }) => id))
  groupIds.set(vpc, known)
  return known
}

/** All IPv4 addresses of an interface, the first one that of its name. */
export const ipsOf = ({ privateIp, secondaryIps = [] }: InterfacePlan): string[] => [privateIp, ...secondaryIps]

/** Fault "invalid" for an interface that does not fit into the VPC. */
export const checkInterfacePlan = (plan: InterfacePlan, vpc: VpcPlan): void => {
  checkId(plan.id)
  const subnet = vpc.subnets.find(({ id }) => id === plan.subnetId)
  if (subnet === undefined) return refuse(`${plan.subnetId} is no subnet of ${vpc.id}`)
  within(ipsOf(plan).length, limits.ADDRESSES_PER_INTERFACE, 'addresses of an interface')
  if (new Set(ipsOf(plan)).size !== ipsOf(plan).length) refuse(`${plan.id} has an address twice`)
  for (const ip of ipsOf(plan)) {
    if (!contains(block(subnet.cidr), address(ip))) refuse(`${ip} is outside of ${subnet.id}`)
    if (ip === gatewayOf(subnet) || ip === resolverOf(vpc)) refuse(`${ip} belongs to the router`)
  }
  if (!MAC.test(plan.mac) || Number.parseInt(plan.mac.slice(0, 2), 16) % 2 === 1)
    refuse(`${JSON.stringify(plan.mac)} is no MAC address of one interface`)
  within(plan.securityGroupIds.length, limits.GROUPS_PER_INTERFACE, 'groups on one interface')
  if (plan.isUnguarded === true && plan.securityGroupIds.length > 0) refuse(`${plan.id} has groups and is unguarded`)
  checkUnique(plan.securityGroupIds, 'groups of an interface')
  for (const id of plan.securityGroupIds) if (!groupsOf(vpc).has(id)) refuse(`${id} is no security group of ${vpc.id}`)
  if (plan.publicIp !== undefined) address(plan.publicIp)
  if (plan.ipv6Address === undefined) return
  if (subnet.ipv6Cidr === undefined || !holdsAddress(rangeOf(subnet.ipv6Cidr), plan.ipv6Address))
    refuse(`${plan.ipv6Address} is outside of ${subnet.id}`)
}

/** Faults: "invalid" when an attached interface would move, "busy" when an address belongs to another one. */
export const checkFree = (plan: InterfacePlan, others: Iterable<InterfacePlan>): void => {
  const own = new Set(ipsOf(plan))
  for (const other of others) {
    if (other.id === plan.id) {
      const moves = other.vpcId !== plan.vpcId || other.subnetId !== plan.subnetId || other.mac !== plan.mac
      if (moves || other.privateIp !== plan.privateIp) refuse(`${plan.id} cannot move to another address`)
      continue
    }
    const shared = other.vpcId === plan.vpcId ? ipsOf(other).find((ip) => own.has(ip)) : undefined
    if (shared !== undefined) throw new Fault('busy', `${shared} belongs to ${other.id}`)
    if (plan.ipv6Address !== undefined && other.ipv6Address === plan.ipv6Address)
      throw new Fault('busy', `${plan.ipv6Address} belongs to ${other.id}`)
    if (plan.publicIp !== undefined && other.publicIp === plan.publicIp) {
      throw new Fault('busy', `${plan.publicIp} belongs to ${other.id}`)
    }
  }
}
