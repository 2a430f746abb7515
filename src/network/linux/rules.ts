// Security rules in nftables' words. Pure.

import { block, cidrOf, merged } from '../ipv4.ts'
import type { SecurityRule } from '../network.ts'
import { isIpv6 } from '../plan-check.ts'

export type Direction = 'ingress' | 'egress'

/** Ids in nftables' names, which know no hyphen. Ids have no underscore, so no two become one. */
export const nameOf = (id: string): string => id.replaceAll('-', '_')

export const memberSet = (groupId: string): string => `m_${nameOf(groupId)}`

const PROTOCOLS: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' }

/** What a packet must be; undefined when no IPv4 packet can be it. */
const protocolMatch = (rule: SecurityRule): string | undefined => {
  const protocol = PROTOCOLS[rule.protocol] ?? rule.protocol
  const { fromPort = -1, toPort = -1 } = rule
  if (protocol === '-1') return ''
  if (protocol === 'icmpv6') return undefined
  if (protocol === 'icmp') {
    // AWS: -1 is any type or any code.
    if (fromPort === -1) return 'meta l4proto icmp'
    return `icmp type ${fromPort}${toPort === -1 ? '' : ` icmp code ${toPort}`}`
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return `meta l4proto ${protocol}`
  if (fromPort <= 0 && (toPort === -1 || toPort === 65535)) return `meta l4proto ${protocol}`
  const ports = fromPort === toPort ? `${fromPort}` : `${Math.max(fromPort, 0)}-${toPort}`
  return `${protocol} dport ${ports}`
}

/** Who the other side must be; undefined when it can be nobody. */
const peerMatch = (rule: SecurityRule, field: 'saddr' | 'daddr'): string | undefined => {
  if (rule.groupId !== undefined) return `ip ${field} @${memberSet(rule.groupId)}`
  const cidrs = (rule.cidrs ?? [rule.cidr ?? '']).filter((cidr) => cidr !== '' && !isIpv6(cidr))
  const blocks = merged(cidrs.map(block))
  const [first] = blocks
  if (first === undefined) return undefined
  if (first.length === 0) return ''
  return `ip ${field} ${blocks.length === 1 ? cidrOf(first) : `{ ${blocks.map(cidrOf).join(', ')} }`}`
}

/** The rule as nftables says it, ending in `verdict`; undefined when it can never match. */
export const ruleText = (rule: SecurityRule, direction: Direction, verdict: string): string | undefined => {
  const peer = peerMatch(rule, direction === 'ingress' ? 'saddr' : 'daddr')
  const protocol = protocolMatch(rule)
  if (peer === undefined || protocol === undefined) return undefined
  return [peer, protocol, verdict].filter((part) => part !== '').join(' ')
}
