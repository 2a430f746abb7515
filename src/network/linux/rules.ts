// Security rules in nftables' words. Pure.
//
// They are written against what the connection began with, not against the packet at hand: a rule can thus be asked
// again about a flow that is established, by a packet of either direction.

import { merged, block, cidrOf } from '../ipv4.ts'
import type { SecurityRule } from '../network.ts'
import { familyOf, flattened, type Family, rangeOf, rangeText } from '../ranges.ts'

export type Direction = 'ingress' | 'egress'

/** Ids in nftables' names, which know no hyphen. Ids have no underscore, so no two become one. */
export const nameOf = (id: string): string => id.replaceAll('-', '_')

export const memberSet = (groupId: string, family: Family): string => `m${family === 'ip' ? 4 : 6}_${nameOf(groupId)}`

export const EVERYONE: Readonly<Record<Family, string>> = { ip: '0.0.0.0/0', ip6: '::/0' }

const PROTOCOLS: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' }

type Ported = Pick<SecurityRule, 'protocol' | 'fromPort' | 'toPort'>

/** What a packet must be; undefined when none of the family can be it. `port` is the field with the port. */
export const protocolMatch = (rule: Ported, family: Family, port: 'flow' | 'packet'): string | undefined => {
  const protocol = PROTOCOLS[rule.protocol] ?? rule.protocol
  const { fromPort = -1, toPort = -1 } = rule
  if (protocol === '-1') return ''
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    if ((protocol === 'icmp') !== (family === 'ip')) return undefined
    // AWS: -1 is any type or any code.
    if (fromPort === -1) return `meta l4proto ${protocol}`
    return `${protocol} type ${fromPort}${toPort === -1 ? '' : ` ${protocol} code ${toPort}`}`
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return `meta l4proto ${protocol}`
  if (fromPort <= 0 && (toPort === -1 || toPort === 65535)) return `meta l4proto ${protocol}`
  const ports = fromPort === toPort ? `${fromPort}` : `${Math.max(fromPort, 0)}-${toPort}`
  return port === 'packet' ? `${protocol} dport ${ports}` : `meta l4proto ${protocol} ct original proto-dst ${ports}`
}

/** The blocks of one family with none inside another, as nftables writes them. */
const blocksText = (cidrs: readonly string[], family: Family): string[] =>
  family === 'ip'
    ? merged(cidrs.map(block)).map(cidrOf)
    : flattened(cidrs.map((cidr) => ({ range: rangeOf(cidr), value: true }))).map(({ range }) => rangeText(range))

const cidrsOf = (rule: SecurityRule): readonly string[] => rule.cidrs ?? (rule.cidr === undefined ? [] : [rule.cidr])

export const isForEveryone = (rule: SecurityRule, family: Family): boolean =>
  cidrsOf(rule).some((cidr) => familyOf(cidr) === family && cidr.endsWith('/0'))

/** Who the other side must be; undefined when it can be nobody of the family. */
const peerMatch = (rule: SecurityRule, direction: Direction, family: Family): string | undefined => {
  const field = `ct original ${family} ${direction === 'ingress' ? 'saddr' : 'daddr'}`
  if (rule.groupId !== undefined) return `${field} @${memberSet(rule.groupId, family)}`
  const cidrs = cidrsOf(rule).filter((cidr) => familyOf(cidr) === family)
  if (cidrs.length === 0) return undefined
  if (isForEveryone(rule, family)) return `meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'}`
  const blocks = blocksText(cidrs, family)
  return `${field} ${blocks.length === 1 ? blocks[0] : `{ ${blocks.join(', ')} }`}`
}

/** The rule for one family as nftables says it, without a verdict; undefined when it can never match. */
export const ruleText = (rule: SecurityRule, direction: Direction, family: Family): string | undefined => {
  const peer = peerMatch(rule, direction, family)
  const protocol = protocolMatch(rule, family, 'flow')
  return peer === undefined || protocol === undefined ? undefined : `${peer} ${protocol}`.trim()
}
