// What counts the packets of flow logs, in nftables' words: a table of its own, so that writing the filter anew loses no
// count. Pure.
//
// It stands behind the filter and sees what that let pass, and what it refused but has not dropped yet (flow-refusals.ts).
// Every span of time has a chain and sets of its own: ending one is pointing to the next, in one transaction, and what
// has ended can be read and deleted at leisure.

import type { FlowVerdict } from '../flow-counter.ts'
import { FLOWS_PER_SPAN, INCOMPLETE_PER_SPAN } from '../limits.ts'
import type { FlowLogPlan } from '../network.ts'
import { familyOf, flattened, type Family, rangeOf, rangeText } from '../ranges.ts'
import { REFUSED_BY_RECEIVER, REFUSED_BY_SENDER } from './flow-refusals.ts'

export const FLOW_TABLE = 'inet flows'
const FAMILIES = ['ip', 'ip6'] as const
const PORTED = '{ tcp, udp }'

/** What the sets of a span hold, by the letter in their names. */
export const VERDICTS: Readonly<Record<string, FlowVerdict>> = {
  a: 'accepted',
  s: 'refused-by-sender',
  r: 'refused-by-receiver',
}
const MARKS: Readonly<Record<string, string>> = { s: REFUSED_BY_SENDER, r: REFUSED_BY_RECEIVER }

/** FIN, SYN, RST and SYN-ACK as flow logs number them, and as nftables finds them. AWS: "Flow log records", tcp-flags. */
export const FLAGS: readonly (readonly [number, string])[] = [
  [1, 'tcp flags & fin == fin'],
  [2, 'tcp flags & (syn | ack) == syn'],
  [4, 'tcp flags & rst == rst'],
  [18, 'tcp flags & (syn | ack) == (syn | ack)'],
]

const digit = (family: Family): string => (family === 'ip' ? '4' : '6')
const nftFamily = (family: Family): string => (family === 'ip' ? 'ipv4' : 'ipv6')
const spanChain = (startSeconds: number): string => `t${startSeconds}`

/** `kind`: a verdict's letter; with ports (TCP and UDP) or without. */
export const flowSet = (startSeconds: number, kind: string, family: Family, isPorted: boolean): string =>
  `${spanChain(startSeconds)}_${kind}${digit(family)}${isPorted ? 'p' : ''}`
export const flagSet = (startSeconds: number, flag: number, family: Family): string =>
  `${spanChain(startSeconds)}_f${flag}_${digit(family)}`
export const incompleteSet = (startSeconds: number, family: Family): string =>
  `${spanChain(startSeconds)}_x${digit(family)}`

const loggedSet = (family: Family): string => `logged${digit(family)}`

/** A span as the table's chains tell of it. */
export interface ListedSpan {
  readonly startSeconds: number
  /** Whether ends of TCP connections were looked at. */
  readonly tcpFlags: boolean
}

/** The spans there are, the one being counted last, from what `list chains inet` says. */
export const listedSpans = (listing: string): ListedSpan[] => {
  const own = /^table inet flows \{$([\s\S]*?)^\}$/m.exec(listing)?.[1] ?? ''
  const chains = [...own.matchAll(/^\tchain (\S+) \{$/gm)].map(([, name = '']) => name)
  return chains
    .flatMap((name) => (/^t\d+$/.test(name) ? [Number(name.slice(1))] : []))
    .toSorted((a, b) => a - b)
    .map((startSeconds) => ({ startSeconds, tcpFlags: chains.includes(`${spanChain(startSeconds)}_ends`) }))
}

const flowType = (family: Family, isPorted: boolean): string => {
  const address = `${nftFamily(family)}_addr`
  return `${address} . ${address} . inet_proto${isPorted ? ' . inet_service . inet_service' : ''}`
}
const flowKey = (family: Family, isPorted: boolean): string =>
  `${family} saddr . ${family} daddr . meta l4proto${isPorted ? ' . th sport . th dport' : ''}`

interface SetOfSpan {
  readonly name: string
  readonly type: string
  readonly size: number
  readonly isCounted: boolean
}

const setsOf = ({ startSeconds: start, tcpFlags }: ListedSpan): SetOfSpan[] =>
  FAMILIES.flatMap((family) => [
    ...Object.keys(VERDICTS).flatMap((kind) =>
      [true, false].map((isPorted) => ({
        name: flowSet(start, kind, family, isPorted),
        type: flowType(family, isPorted),
        size: FLOWS_PER_SPAN,
        isCounted: true,
      })),
    ),
    {
      name: incompleteSet(start, family),
      type: `${nftFamily(family)}_addr`,
      size: INCOMPLETE_PER_SPAN,
      isCounted: false,
    },
    ...(tcpFlags ? FLAGS : []).map(([flag]) => ({
      name: flagSet(start, flag, family),
      type: flowType(family, true),
      size: FLOWS_PER_SPAN,
      isCounted: false,
    })),
  ])

const addSet = ({ name, type, size, isCounted }: SetOfSpan): string =>
  `add set ${FLOW_TABLE} ${name} { type ${type}; size ${size}; flags dynamic;${isCounted ? ' counter;' : ''} }`

const addRule = (chain: string, rule: string): string => `add rule ${FLOW_TABLE} ${chain} ${rule}`

/** Counts a packet under its verdict; where there is no room any more, its interfaces are remembered instead. */
const countingRules = (start: number, kind: string, chain: string): string[] => [
  ...FAMILIES.flatMap((family) => {
    const update = (isPorted: boolean): string =>
      `update @${flowSet(start, kind, family, isPorted)} { ${flowKey(family, isPorted)} counter } return`
    const match = `meta nfproto ${nftFamily(family)} meta l4proto`
    return [
      addRule(chain, `${match} ${PORTED} ${update(true)}`),
      addRule(chain, `${match} != ${PORTED} ${update(false)}`),
    ]
  }),
  ...FAMILIES.flatMap((family) =>
    ['saddr', 'daddr'].map((side) => {
      const set = `update @${incompleteSet(start, family)} { ${family} ${side} }`
      return addRule(chain, `${family} ${side} @${loggedSet(family)} ${set}`)
    }),
  ),
]

const flagRules = (start: number, chain: string): string[] =>
  FAMILIES.flatMap((family) =>
    FLAGS.map(([flag, match]) =>
      addRule(
        chain,
        `meta nfproto ${nftFamily(family)} ${match} update @${flagSet(start, flag, family)} { ${flowKey(family, true)} }`,
      ),
    ),
  )

const refusalKinds = (start: number): (readonly [kind: string, chain: string])[] =>
  Object.keys(MARKS).map((kind) => [kind, `${spanChain(start)}_${kind}`])
const endsChain = (start: number): string => `${spanChain(start)}_ends`

/** Begins a span; what was counted until now is the span before. */
export const beginSpan = (span: ListedSpan): string => {
  const { startSeconds: start, tcpFlags } = span
  const [chain, ends, refusals] = [spanChain(start), endsChain(start), refusalKinds(start)]
  return [
    ...setsOf(span).map(addSet),
    `add chain ${FLOW_TABLE} ${chain}`,
    ...(tcpFlags ? [`add chain ${FLOW_TABLE} ${ends}`, ...flagRules(start, ends)] : []),
    ...refusals.flatMap(([kind, name]) => [`add chain ${FLOW_TABLE} ${name}`, ...countingRules(start, kind, name)]),
    // Only the packets that open and close a connection have any of these.
    ...(tcpFlags ? [addRule(chain, `meta l4proto tcp tcp flags & (fin | syn | rst) != 0 jump ${ends}`)] : []),
    ...refusals.map(([kind, name]) => addRule(chain, `meta mark ${MARKS[kind]} goto ${name}`)),
    ...countingRules(start, 'a', chain),
    `flush chain ${FLOW_TABLE} count`,
    ...FAMILIES.flatMap((family) =>
      ['saddr', 'daddr'].map((side) => addRule('count', `${family} ${side} @${loggedSet(family)} goto ${chain}`)),
    ),
  ].join('\n')
}

/** Deletes a span that has ended. */
export const deleteSpan = (span: ListedSpan): string => {
  const { startSeconds: start, tcpFlags } = span
  const chains = [
    spanChain(start),
    ...refusalKinds(start).map(([, name]) => name),
    ...(tcpFlags ? [endsChain(start)] : []),
  ]
  return [
    // They refer to each other and to the sets.
    ...chains.map((name) => `flush chain ${FLOW_TABLE} ${name}`),
    ...chains.map((name) => `delete chain ${FLOW_TABLE} ${name}`),
    ...setsOf(span).map(({ name }) => `delete set ${FLOW_TABLE} ${name}`),
  ].join('\n')
}

/** Makes the table, or names anew in it whose packets are counted; nothing that was counted is lost. */
export const loggedBlocks = ({ blocks }: FlowLogPlan): string =>
  [
    `add table ${FLOW_TABLE}`,
    `add chain ${FLOW_TABLE} count { type filter hook forward priority filter + 10; policy accept; }`,
    ...FAMILIES.flatMap((family) => {
      const own = blocks.filter((cidr) => familyOf(cidr) === family)
      const ranges = flattened(own.map((cidr) => ({ range: rangeOf(cidr), value: true }))).map(({ range }) =>
        rangeText(range),
      )
      const set = loggedSet(family)
      return [
        `add set ${FLOW_TABLE} ${set} { type ${nftFamily(family)}_addr; flags interval; }`,
        `flush set ${FLOW_TABLE} ${set}`,
        ...(ranges.length === 0 ? [] : [`add element ${FLOW_TABLE} ${set} { ${ranges.join(', ')} }`]),
      ]
    }),
  ].join('\n')

export const deleteFlowTable = `add table ${FLOW_TABLE}\ndelete table ${FLOW_TABLE}`
