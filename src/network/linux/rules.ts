// Security rules in nftables' words. Pure.
//
// They are written against what the connection began with, not against the packet at hand: a rule can thus be asked
// again about a flow that is established, by a packet of either direction.

import { merged, block, cidrOf } from '../ipv4.ts'
import { type Direction, matchOf, peerOf, type Ported } from '../match.ts'
import type { SecurityRule } from '../network.ts'
import { flattened, type Family, rangeOf, rangeText } from '../ranges.ts'

/** Ids in nftables' names, which know no hyphen. Ids have no underscore, so no two become one. */
export const nameOf = (id: string): string => id.replaceAll('-', '_')

export const memberSet = (groupId: string, family: Family): string => `m${family === 'ip' ? 4 : 6}_${nameOf(groupId)}`

/** What a packet must be; undefined when none of the family can be it. `port` is the field with the port. */
export const protocolMatch = (rule: Ported, family: Family, port: 'flow' | 'packet'): string | undefined => {
  const match = matchOf(rule, family)
  switch (match?.kind) {
    case undefined:
      return undefined
    case 'all':
      return ''
    case 'protocol':
      return `meta l4proto ${match.protocol}`
    case 'icmp': {
      const code = match.code === undefined ? '' : ` ${match.protocol} code ${match.code}`
      return `${match.protocol} type ${match.type}${code}`
    }
    case 'ports': {
      const { protocol, from, to } = match
      const ports = from === to ? `${from}` : `${from}-${to}`
      return port === 'packet'
        ? `${protocol} dport ${ports}`
        : `meta l4proto ${protocol} ct original proto-dst ${ports}`
    }
  }
}

/** The blocks of one family with none inside another, as nftables writes them. */
const blocksText = (cidrs: readonly string[], family: Family): string[] =>
  family === 'ip'
    ? merged(cidrs.map(block)).map(cidrOf)
    : flattened(cidrs.map((cidr) => ({ range: rangeOf(cidr), value: true }))).map(({ range }) => rangeText(range))

/** Who the other side must be; undefined when it can be nobody of the family. */
const peerMatch = (rule: SecurityRule, direction: Direction, family: Family): string | undefined => {
  const field = `ct original ${family} ${direction === 'ingress' ? 'saddr' : 'daddr'}`
  const peer = peerOf(rule, family)
  if (peer === undefined) return undefined
  if (peer.kind === 'members') return `${field} @${memberSet(peer.groupId, family)}`
  if (peer.kind === 'everyone') return `meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'}`
  const blocks = blocksText(peer.cidrs, family)
  return `${field} ${blocks.length === 1 ? blocks[0] : `{ ${blocks.join(', ')} }`}`
}

/** The rule for one family as nftables says it, without a verdict; undefined when it can never match. */
export const ruleText = (rule: SecurityRule, direction: Direction, family: Family): string | undefined => {
  const peer = peerMatch(rule, direction, family)
  const protocol = protocolMatch(rule, family, 'flow')
  return peer === undefined || protocol === undefined ? undefined : `${peer} ${protocol}`.trim()
}
