// Asks security groups and network ACLs about one packet, and says what they answer. Pure.

import { aclOf, decidingEntry } from './acls.ts'
import { type Direction, isMatch, isPeer, matchOf, type Packet, peerOf, type Ported } from './match.ts'
import type { InterfacePlan, NetworkAclEntry, SecurityRule, SubnetPlan, VpcPlan } from './network.ts'
import type { NetworkSnapshot, PathStep } from './path.ts'
import { ipsOf } from './plan-check.ts'
import { addressValue, familyOf } from './ranges.ts'

/** The subnet of one end of a path, seen from one packet. */
export interface Place {
  readonly vpc: VpcPlan
  readonly subnet: SubnetPlan
}

/** A subnet's border, as the first packet crossed it; answers cross it the other way. */
export interface Crossing extends Place {
  readonly direction: Direction
  /** The address of the other side. */
  readonly other: string
}

/** Where answers go to: ports that Linux gives a sender (net.ipv4.ip_local_port_range). */
const EPHEMERAL_PORTS = { first: 32_768, last: 60_999 } as const
/** RFC 792 and RFC 4443: what an echo is answered with. */
const ECHO_REPLIES: Readonly<Record<string, number>> = { 'icmp 8': 0, 'icmpv6 128': 129 }

export const packetText = ({ protocol, port }: Packet): string =>
  protocol.startsWith('icmp') ? `${protocol} type ${port}` : `${protocol} ${port}`

const portsText = (rule: Ported): string => {
  const { protocol, fromPort = -1, toPort = -1 } = rule
  if (protocol === '-1') return 'all protocols'
  if (fromPort === -1) return `protocol ${protocol}`
  return `${protocol} ${fromPort}${toPort === fromPort || toPort === -1 ? '' : `-${toPort}`}`
}

const peerText = ({ cidr, cidrs, groupId }: Pick<SecurityRule, 'cidr' | 'cidrs' | 'groupId'>): string =>
  groupId ?? cidr ?? `a prefix list of ${cidrs?.length ?? 0} blocks`

const TOWARDS = { ingress: 'from', egress: 'to' } as const

/** Every spelling of an IPv6 address is the same address. */
export const isSameAddress = (a: string | undefined, b: string): boolean =>
  a !== undefined && familyOf(a) === familyOf(b) && addressValue(a) === addressValue(b)

export const hasAddress = (plan: InterfacePlan, address: string): boolean =>
  ipsOf(plan).some((ip) => isSameAddress(ip, address)) || isSameAddress(plan.ipv6Address, address)

const letsPass = (
  { interfaces }: NetworkSnapshot,
  vpcId: string,
  rule: SecurityRule,
  other: string,
  packet: Packet,
): boolean => {
  const [match, peer] = [matchOf(rule, familyOf(other)), peerOf(rule, familyOf(other))]
  if (match === undefined || peer === undefined || !isMatch(match, packet)) return false
  return isPeer(peer, other, (groupId) =>
    interfaces.some((one) => one.vpcId === vpcId && one.securityGroupIds.includes(groupId) && hasAddress(one, other)),
  )
}

/** Whether the groups of an interface let the first packet of a flow pass; answers to it pass with it. */
export const askedGroups = (
  snapshot: NetworkSnapshot,
  vpc: VpcPlan,
  plan: InterfacePlan,
  direction: Direction,
  other: string,
  packet: Packet,
): PathStep => {
  const step = { way: 'there', asked: 'security-group' } as const
  const where = `${direction} of ${plan.id}`
  if (plan.isUnguarded === true) {
    return {
      ...step,
      passes: true,
      says: `${where}: a network load balancer without security groups lets everything pass`,
    }
  }
  for (const group of vpc.securityGroups.filter(({ id }) => plan.securityGroupIds.includes(id))) {
    const rule = group[direction].find((one) => letsPass(snapshot, vpc.id, one, other, packet))
    if (rule === undefined) continue
    const by = rule.id === undefined ? {} : { by: rule.id }
    const text = `${portsText(rule)} ${TOWARDS[direction]} ${peerText(rule)}`
    const says = `${where}: ${group.id} lets it pass by ${rule.id ?? 'its rule'} (${text})`
    return { ...step, passes: true, id: group.id, ...by, says }
  }
  const groups = plan.securityGroupIds.length === 0 ? 'it has no security groups' : plan.securityGroupIds.join(', ')
  const says = `${where}: no rule for ${packetText(packet)} ${TOWARDS[direction]} ${other} (${groups})`
  return { ...step, passes: false, says }
}

const entryText = ({ ruleNumber, action, cidr, ...ported }: NetworkAclEntry): string =>
  `${ruleNumber === undefined ? 'an entry' : `entry ${ruleNumber}`} (${action} ${portsText(ported)} ${cidr})`

/** undefined when the subnet has no ACL: everything may cross its border. */
export const askedAcl = (
  { vpc, subnet, direction, other }: Crossing,
  packet: Packet,
  way: PathStep['way'],
): PathStep | undefined => {
  const acl = aclOf(vpc, subnet)
  if (acl === undefined) return undefined
  const entry = decidingEntry(acl, direction, other, packet)
  const passes = entry?.action === 'allow'
  const by = entry === undefined ? '*' : entry.ruleNumber?.toString()
  const because = entry === undefined ? 'no entry matches (*)' : entryText(entry)
  const verb = passes ? 'lets' : 'does not let'
  const inOut = direction === 'ingress' ? `in from ${other}` : `out to ${other}`
  const says = `${direction} of ${subnet.id}: ${acl.id} ${verb} ${packetText(packet)} ${inOut}: ${because}`
  return { way, asked: 'network-acl', passes, id: acl.id, ...(by === undefined ? {} : { by }), says }
}

/** One packet of every kind that an answer may be, as far as the entries of an ACL tell them apart. */
const answersTo = (packet: Packet, { vpc, subnet }: Place): Packet[] => {
  if (packet.protocol === 'icmp' || packet.protocol === 'icmpv6') {
    const reply = ECHO_REPLIES[`${packet.protocol} ${packet.port}`]
    return reply === undefined ? [] : [{ protocol: packet.protocol, port: reply }]
  }
  const { first, last } = EPHEMERAL_PORTS
  const edges = (aclOf(vpc, subnet)?.entries ?? []).flatMap(({ fromPort = -1, toPort = -1 }) => [fromPort, toPort + 1])
  const inside = edges.filter((port) => port > first && port <= last)
  return [...new Set([first, ...inside])].map((port) => ({ protocol: packet.protocol, port }))
}

/** Network ACLs remember nothing: every answer is asked about at every border, the last one first. */
export const answered = (crossings: readonly Crossing[], packet: Packet): PathStep[] =>
  crossings.toReversed().flatMap((crossing) => {
    const direction = crossing.direction === 'ingress' ? 'egress' : 'ingress'
    const steps = answersTo(packet, crossing).flatMap(
      (answer) => askedAcl({ ...crossing, direction }, answer, 'back') ?? [],
    )
    const told = steps.find(({ passes }) => !passes) ?? steps[0]
    return told === undefined ? [] : [told]
  })
