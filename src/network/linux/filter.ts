// A VPC's packet filter as data, and the nft commands that turn one such filter into another. Pure.
//
// The way of a packet: prerouting (is the sender who it says it is?) -> forward -> @egress (the sender's groups) ->
// leaving (inside, or out by the uplink?) -> @ingress (the receiver's groups). A combination of groups has its chains
// once; an interface is set elements only, so that its coming and going never rewrites a rule.

import { createHash } from 'node:crypto'
import {
  API_ADDRESS,
  API_PORT,
  METADATA_ADDRESS,
  METADATA_PORT,
  NEVER_OUTSIDE,
  RESOLVER_ADDRESS,
  RESOLVER_PORT,
  resolverOf,
} from '../addresses.ts'
import { block, cidrOf, merged } from '../ipv4.ts'
import type { InterfacePlan, SecurityGroupPlan, VpcPlan } from '../network.ts'
import { ROUTER_UPLINK, taskLink, TASK_LINK_PREFIX } from './names.ts'
import { memberSet, nameOf, ruleText } from './rules.ts'

const TABLE = 'ip vpc'

interface Chain {
  /** Set for chains that the kernel calls. */
  readonly hook?: string
  readonly rules: readonly string[]
}

interface Element {
  readonly set: string
  readonly key: string
  readonly value?: string
}

/** All that one interface adds to the filter. */
export interface InterfaceEntry {
  readonly plan: InterfacePlan
  /** Names the chains of its combination of groups. */
  readonly combination: string
  /** Its public address, while that leads to it. */
  readonly publicIp: string | undefined
  readonly elements: readonly Element[]
}

export interface Filter {
  readonly sets: ReadonlyMap<string, string>
  readonly chains: ReadonlyMap<string, Chain>
  readonly entries: ReadonlyMap<string, InterfaceEntry>
}

export const EMPTY: Filter = { sets: new Map(), chains: new Map(), entries: new Map() }

const FIXED_SETS: readonly (readonly [string, string])[] = [
  ['bound', 'set { type ifname . ether_addr . ipv4_addr; }'],
  ['egress', 'map { type ipv4_addr : verdict; }'],
  ['ingress', 'map { type ipv4_addr : verdict; }'],
  ['outbound', 'set { type ipv4_addr; }'],
  ['public_in', 'map { type ipv4_addr : ipv4_addr; }'],
  ['public_out', 'map { type ipv4_addr : ipv4_addr; }'],
]

const braces = (values: readonly string[]): string => `{ ${values.join(', ')} }`

type Named = readonly [name: string, chain: Chain]

const SOURCE: Named = [
  'source',
  {
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: [`iifname "${TASK_LINK_PREFIX}*" iifname . ether saddr . ip saddr != @bound drop`],
  },
]

const TRANSLATE: readonly Named[] = [
  [
    'translate_in',
    {
      hook: 'type nat hook prerouting priority dstnat; policy accept;',
      rules: [`iifname "${ROUTER_UPLINK}" dnat to ip daddr map @public_in`],
    },
  ],
  [
    'translate_out',
    {
      hook: 'type nat hook postrouting priority srcnat; policy accept;',
      rules: [`oifname "${ROUTER_UPLINK}" snat to ip saddr map @public_out`, `oifname "${ROUTER_UPLINK}" masquerade`],
    },
  ],
]

const forwardChains = (plan: VpcPlan): readonly Named[] => [
  [
    'forward',
    {
      hook: 'type filter hook forward priority filter; policy drop;',
      rules: [
        'ct state established,related accept',
        'ct state invalid drop',
        `iifname "${ROUTER_UPLINK}" ct status dnat goto arriving`,
        `iifname "${ROUTER_UPLINK}" drop`,
        'ip saddr vmap @egress',
      ],
    },
  ],
  [
    'leaving',
    {
      rules: [
        `ip daddr ${braces(merged(plan.cidrs.map(block)).map(cidrOf))} goto arriving`,
        `oifname != "${ROUTER_UPLINK}" drop`,
        `ip daddr ${braces(NEVER_OUTSIDE)} drop`,
        'ip saddr @outbound accept',
        'drop',
      ],
    },
  ],
  ['arriving', { rules: ['ip daddr vmap @ingress', 'drop'] }],
]

/** What tasks may ask of the router itself, whatever their groups say: metadata, names, the API. */
const inputChain = (plan: VpcPlan): Named => {
  const resolvers = `ip daddr { ${RESOLVER_ADDRESS}, ${resolverOf(plan)} }`
  return [
    'input',
    {
      hook: 'type filter hook input priority filter; policy drop;',
      rules: [
        'iifname "lo" accept',
        'ct state established,related accept',
        `iifname != "${TASK_LINK_PREFIX}*" drop`,
        `ip daddr ${METADATA_ADDRESS} tcp dport ${METADATA_PORT} accept`,
        `ip daddr ${API_ADDRESS} tcp dport ${API_PORT} accept`,
        `${resolvers} udp dport ${RESOLVER_PORT} accept`,
        `${resolvers} tcp dport ${RESOLVER_PORT} accept`,
      ],
    },
  ]
}

const groupChains = (group: SecurityGroupPlan): readonly Named[] => {
  const texts = (rules: readonly (string | undefined)[]): string[] => [
    ...new Set(rules.filter((rule) => rule !== undefined)),
  ]
  const ingress = group.ingress.map((rule) => ruleText(rule, 'ingress', 'accept'))
  const egress = group.egress.map((rule) => ruleText(rule, 'egress', 'goto leaving'))
  return [
    [`i_${nameOf(group.id)}`, { rules: texts(ingress) }],
    [`o_${nameOf(group.id)}`, { rules: texts(egress) }],
  ]
}

/** The filter of a VPC without interfaces. */
export const filterOf = (plan: VpcPlan): Filter => {
  const groups = new Set(plan.securityGroups.map(({ id }) => id))
  // A rule may name a group that is gone or of a peer: it has no members here.
  for (const group of plan.securityGroups) {
    for (const rule of [...group.ingress, ...group.egress]) if (rule.groupId !== undefined) groups.add(rule.groupId)
  }
  const members = [...groups].map((id) => [memberSet(id), 'set { type ipv4_addr; }'] as const)
  return {
    sets: new Map([...FIXED_SETS, ...members]),
    chains: new Map([
      SOURCE,
      ...TRANSLATE,
      ...forwardChains(plan),
      inputChain(plan),
      ...plan.securityGroups.flatMap(groupChains),
    ]),
    entries: new Map(),
  }
}

const combinationOf = (groupIds: readonly string[]): string =>
  createHash('sha256').update(groupIds.toSorted().join(' ')).digest('hex').slice(0, 20)

export const entryOf = (vpc: VpcPlan, plan: InterfacePlan, egressAllowed: boolean): InterfaceEntry => {
  const way = vpc.subnets.find(({ id }) => id === plan.subnetId)?.egress ?? 'none'
  // AWS: through an internet gateway only an interface with a public address gets out.
  const publicIp = way === 'internet-gateway' ? plan.publicIp : undefined
  const isOutbound = egressAllowed && (way === 'nat-gateway' || publicIp !== undefined)
  const combination = combinationOf(plan.securityGroupIds)
  const { privateIp: key } = plan
  return {
    plan,
    combination,
    publicIp,
    elements: [
      { set: 'bound', key: `"${taskLink(plan.id)}" . ${plan.mac} . ${key}` },
      { set: 'egress', key, value: `goto co_${combination}` },
      { set: 'ingress', key, value: `goto ci_${combination}` },
      ...plan.securityGroupIds.map((id) => ({ set: memberSet(id), key })),
      ...(isOutbound ? [{ set: 'outbound', key }] : []),
      ...(publicIp === undefined
        ? []
        : [
            { set: 'public_in', key: publicIp, value: key },
            { set: 'public_out', key, value: publicIp },
          ]),
    ],
  }
}

export const withEntry = (filter: Filter, entry: InterfaceEntry): Filter => ({
  ...filter,
  entries: new Map(filter.entries).set(entry.plan.id, entry),
})

export const withoutEntry = (filter: Filter, id: string): Filter => {
  const entries = new Map(filter.entries)
  entries.delete(id)
  return { ...filter, entries }
}

/** The chains of every combination of groups that some interface is in. */
const combinationChains = (filter: Filter): Map<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>()
  for (const { combination, plan } of filter.entries.values()) found.set(combination, plan.securityGroupIds)
  return found
}

const combinationCommands = (combination: string, groupIds: readonly string[]): string[] => [
  `add chain ${TABLE} ci_${combination}`,
  `add chain ${TABLE} co_${combination}`,
  ...groupIds
    .toSorted()
    .flatMap((id) => [
      `add rule ${TABLE} ci_${combination} jump i_${nameOf(id)}`,
      `add rule ${TABLE} co_${combination} jump o_${nameOf(id)}`,
    ]),
  `add rule ${TABLE} ci_${combination} drop`,
  `add rule ${TABLE} co_${combination} drop`,
]

const elementCommands = (verb: 'add' | 'delete', elements: readonly Element[]): string[] => {
  const bySet = new Map<string, string[]>()
  for (const { set, key, value } of elements) {
    const texts = bySet.get(set) ?? []
    texts.push(verb === 'delete' || value === undefined ? key : `${key} : ${value}`)
    bySet.set(set, texts)
  }
  return [...bySet].map(([set, texts]) => `${verb} element ${TABLE} ${set} ${braces(texts)}`)
}

const text = ({ set, key, value }: Element): string => `${set} ${key} ${value ?? ''}`

/** What is in `some` and not in `others`. */
const missing = (some: Filter, others: Filter): Element[] =>
  [...some.entries].flatMap(([id, entry]) => {
    const other = others.entries.get(id)
    if (other === entry) return []
    const there = new Set(other?.elements.map(text))
    return entry.elements.filter((element) => !there.has(text(element)))
  })

const sameRules = (a: Chain | undefined, b: Chain): boolean =>
  a === b || (a?.rules.length === b.rules.length && a.rules.every((rule, position) => rule === b.rules[position]))

/** The commands of one transaction that turns one filter into the other; empty when nothing differs. */
export const transition = (before: Filter, after: Filter): string => {
  const [combosBefore, combosAfter] = [combinationChains(before), combinationChains(after)]
  const newSets = [...after.sets].filter(([name]) => !before.sets.has(name))
  const goneSets = [...before.sets.keys()].filter((name) => !after.sets.has(name))
  const newChains = [...after.chains].filter(([name]) => !before.chains.has(name))
  const goneChains = [...before.chains.keys()].filter((name) => !after.chains.has(name))
  const written =
    before.chains === after.chains
      ? []
      : [...after.chains].filter(([name, chain]) => !sameRules(before.chains.get(name), chain))
  const goneCombos = [...combosBefore.keys()]
    .filter((name) => !combosAfter.has(name))
    .flatMap((name) => [`ci_${name}`, `co_${name}`])
  const flushed = [...written.map(([name]) => name).filter((name) => before.chains.has(name)), ...goneChains]
  return [
    // What is referred to comes before what refers to it, and goes after it.
    ...newSets.map(([name, body]) => `add ${body.replace(' ', ` ${TABLE} ${name} `)}`),
    ...newChains.map(([name, { hook }]) => `add chain ${TABLE} ${name}${hook === undefined ? '' : ` { ${hook} }`}`),
    ...flushed.map((name) => `flush chain ${TABLE} ${name}`),
    ...elementCommands('delete', missing(before, after)),
    ...goneCombos.map((name) => `flush chain ${TABLE} ${name}`),
    ...written.flatMap(([name, { rules }]) => rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`)),
    ...[...combosAfter].flatMap(([name, groups]) => (combosBefore.has(name) ? [] : combinationCommands(name, groups))),
    ...elementCommands('add', missing(after, before)),
    ...[...goneCombos, ...goneChains].map((name) => `delete chain ${TABLE} ${name}`),
    ...goneSets.map((name) => `delete set ${TABLE} ${name}`),
  ].join('\n')
}

/** The commands of one transaction that makes the filter so, whatever is there now. Conntrack is not touched. */
export const rewrite = (after: Filter): string =>
  [`add table ${TABLE}`, `delete table ${TABLE}`, `add table ${TABLE}`, transition(EMPTY, after)].join('\n')
