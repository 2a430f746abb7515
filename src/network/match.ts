// What rules say about packets, in one form: the packet filter writes it down for the kernel, an explanation asks it about
// one packet. Pure.

import type { SecurityRule } from './network.ts'
import { familyOf, type Family, holdsAddress, rangeOf } from './ranges.ts'

export type Direction = 'ingress' | 'egress'

/** The part of a rule or of an entry of a network ACL that is about protocol and ports. */
export type Ported = Pick<SecurityRule, 'protocol' | 'fromPort' | 'toPort'>

/** Which packets of one family a rule is about. Protocols are names where there is one, else numbers. */
export type Match =
  | { readonly kind: 'all' }
  | { readonly kind: 'protocol'; readonly protocol: string }
  | { readonly kind: 'ports'; readonly protocol: 'tcp' | 'udp'; readonly from: number; readonly to: number }
  | { readonly kind: 'icmp'; readonly protocol: 'icmp' | 'icmpv6'; readonly type: number; readonly code?: number }

export interface Packet {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6'
  /** To which port; of ICMP: the type, whose code is 0. */
  readonly port: number
}

const PROTOCOLS: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' }
const HIGHEST_PORT = 65535

/** undefined when no packet of the family can be meant. */
export const matchOf = (rule: Ported, family: Family): Match | undefined => {
  const protocol = PROTOCOLS[rule.protocol] ?? rule.protocol
  const { fromPort = -1, toPort = -1 } = rule
  if (protocol === '-1') return { kind: 'all' }
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    if ((protocol === 'icmp') !== (family === 'ip')) return undefined
    // AWS: -1 is any type or any code.
    if (fromPort === -1) return { kind: 'protocol', protocol }
    return { kind: 'icmp', protocol, type: fromPort, ...(toPort === -1 ? {} : { code: toPort }) }
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return { kind: 'protocol', protocol }
  if (fromPort <= 0 && (toPort === -1 || toPort === HIGHEST_PORT)) return { kind: 'protocol', protocol }
  return { kind: 'ports', protocol, from: Math.max(fromPort, 0), to: toPort }
}

export const isMatch = (match: Match, packet: Packet): boolean => {
  if (match.kind === 'all') return true
  if (match.protocol !== packet.protocol) return false
  if (match.kind === 'ports') return packet.port >= match.from && packet.port <= match.to
  return match.kind === 'protocol' || (match.type === packet.port && (match.code ?? 0) === 0)
}

/** Who the other side must be. */
export type Peer =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'members'; readonly groupId: string }
  | { readonly kind: 'blocks'; readonly cidrs: readonly string[] }

export const EVERYONE: Readonly<Record<Family, string>> = { ip: '0.0.0.0/0', ip6: '::/0' }

/** undefined when it can be nobody of the family. */
export const peerOf = (rule: Pick<SecurityRule, 'cidr' | 'cidrs' | 'groupId'>, family: Family): Peer | undefined => {
  if (rule.groupId !== undefined) return { kind: 'members', groupId: rule.groupId }
  const all = rule.cidrs ?? (rule.cidr === undefined ? [] : [rule.cidr])
  const cidrs = all.filter((cidr) => familyOf(cidr) === family)
  if (cidrs.length === 0) return undefined
  return cidrs.some((cidr) => cidr.endsWith('/0')) ? { kind: 'everyone' } : { kind: 'blocks', cidrs }
}

export const isForEveryone = (rule: SecurityRule, family: Family): boolean => peerOf(rule, family)?.kind === 'everyone'

/** `isMember` says whether the address belongs to a member of a group. */
export const isPeer = (peer: Peer, address: string, isMember: (groupId: string) => boolean): boolean => {
  if (peer.kind === 'everyone') return true
  if (peer.kind === 'members') return isMember(peer.groupId)
  return peer.cidrs.some((cidr) => holdsAddress(rangeOf(cidr), address))
}
