// A VPC's packet filter as data. Pure; transition.ts turns one into another.
//
// The way of a packet: source (is the sender who it says it is?) -> forward (is the flow established?) -> @egress (the
// sender's groups) -> routed (inside, or out by which gateway?) -> @ingress (the receiver's groups) -> passed. A
// combination of groups has its chains once; an interface is set elements only, so that its coming and going never
// rewrites a rule.

import { createHash } from 'node:crypto'
import { type Direction, isForEveryone } from '../match.ts'
import type { InterfacePlan, SecurityGroupPlan, SecurityRule, VpcPlan } from '../network.ts'
import { ipsOf } from '../plan-check.ts'
import { addressText, addressValue, type Family } from '../ranges.ts'
import { publicIpOf } from '../routes.ts'
import { borderChains } from './border-chains.ts'
import { type Chain, digit, familiesOf, flowChains, type Named, strictness } from './flow-chains.ts'
import { forwarderChains } from './forwarder-chains.ts'
import { denied, refusalChains } from './flow-refusals.ts'
import { taskLink } from './names.ts'
import { memberSet, nameOf, ruleText } from './rules.ts'

export interface Element {
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

/** Families in which a group allows everything in a direction. */
type Openness = Readonly<Record<Direction, readonly Family[]>>

export interface Filter {
  readonly sets: ReadonlyMap<string, string>
  readonly chains: ReadonlyMap<string, Chain>
  readonly entries: ReadonlyMap<string, InterfaceEntry>
  readonly families: readonly Family[]
  readonly open: ReadonlyMap<string, Openness>
  /** Grows when something is taken away; see flow-chains.ts. */
  readonly generation: number
}

export const EMPTY: Filter = {
  sets: new Map(),
  chains: new Map(),
  entries: new Map(),
  families: [],
  open: new Map(),
  generation: 0,
}

const ADDRESS_TYPE: Readonly<Record<Family, string>> = { ip: 'ipv4_addr', ip6: 'ipv6_addr' }

const fixedSets = (family: Family): [string, string][] => {
  const [type, end] = [ADDRESS_TYPE[family], digit(family)]
  return [
    [`bound${end}`, `set { type ifname . ether_addr . ${type}; }`],
    [`egress${end}`, `map { type ${type} : verdict; }`],
    [`ingress${end}`, `map { type ${type} : verdict; }`],
  ]
}

const PUBLIC_SETS: readonly (readonly [string, string])[] = [
  ['outbound', 'set { type ipv4_addr; }'],
  ['unbound', 'set { type ifname . ether_addr; }'],
  ['transit', 'map { type ifname : verdict; }'],
  ['public', 'set { type ipv4_addr . ipv4_addr; }'],
  ['public_in', 'map { type ipv4_addr : ipv4_addr; }'],
  ['public_out', 'map { type ipv4_addr : ipv4_addr; }'],
]

const EVERYTHING: readonly SecurityRule[] = ['0.0.0.0/0', '::/0'].map((cidr) => ({ protocol: '-1', cidr }))
/** Stands for the groups of interfaces that are unguarded. No group has such an id. */
const NO_GUARD: SecurityGroupPlan = { id: 'unguarded', ingress: EVERYTHING, egress: EVERYTHING }

const guardsOf = ({ isUnguarded, securityGroupIds }: InterfacePlan): readonly string[] =>
  isUnguarded === true ? [NO_GUARD.id] : securityGroupIds

const isOpenTo = (rules: readonly SecurityRule[], family: Family): boolean =>
  rules.some((rule) => rule.protocol === '-1' && isForEveryone(rule, family))

const groupChain = (group: SecurityGroupPlan, direction: Direction, families: readonly Family[]): Named => {
  const agreed = direction === 'ingress' ? 'received' : 'sent'
  const texts = group[direction].flatMap((rule) =>
    families.flatMap((family) => {
      const text = ruleText(rule, direction, family)
      if (text === undefined) return []
      const isForAll = isForEveryone(rule, family)
      return [{ text: `${text} goto ${agreed}${isForAll ? '_by_all' : ''}`, isForAll }]
    }),
  )
  // AWS tracks no flow that a rule for everyone lets pass, whatever other rules would.
  const ordered = [...texts.filter(({ isForAll }) => isForAll), ...texts.filter(({ isForAll }) => !isForAll)]
  return [`${direction[0]}_${nameOf(group.id)}`, { rules: [...new Set(ordered.map(({ text }) => text))] }]
}

/** The filter of a VPC without interfaces. */
export const filterOf = (plan: VpcPlan, egressAllowed: boolean): Filter => {
  const families = familiesOf(plan)
  const groups = new Set(plan.securityGroups.map(({ id }) => id))
  // A rule may name a group that is gone or of a peer: it has no members here.
  for (const group of plan.securityGroups) {
    for (const rule of [...group.ingress, ...group.egress]) if (rule.groupId !== undefined) groups.add(rule.groupId)
  }
  const members = [...groups].flatMap((id) =>
    families.map((family) => [memberSet(id, family), `set { type ${ADDRESS_TYPE[family]}; }`] as const),
  )
  const borders = borderChains(plan)
  const guards = [...plan.securityGroups, NO_GUARD]
  const open = guards.map(({ id, ingress, egress }) => {
    const of = (rules: readonly SecurityRule[]): Family[] => families.filter((family) => isOpenTo(rules, family))
    return [id, { ingress: of(ingress), egress: of(egress) }] as const
  })
  return {
    sets: new Map([...families.flatMap(fixedSets), ...PUBLIC_SETS, ...members]),
    chains: new Map([
      ...flowChains(plan, borders.length > 0, egressAllowed),
      ...refusalChains(plan),
      ...forwarderChains(plan),
      ...borders,
      ...guards.flatMap((group) => [groupChain(group, 'ingress', families), groupChain(group, 'egress', families)]),
    ]),
    entries: new Map(),
    families,
    open: new Map(open),
    generation: 0,
  }
}

const combinationOf = (groupIds: readonly string[]): string =>
  createHash('sha256').update(groupIds.toSorted().join(' ')).digest('hex').slice(0, 20)

/** The chains of one combination of groups: each group is asked, and who is not let pass by any is dropped. */
const combinationChain = (filter: Filter, combination: string, groupIds: readonly string[], to: Direction): Named => {
  const opposite = to === 'ingress' ? 'egress' : 'ingress'
  const isOpen = (family: Family): boolean =>
    groupIds.some((id) => filter.open.get(id)?.[opposite].includes(family) === true)
  const jumps = groupIds.toSorted().map((id) => `jump ${to[0]}_${nameOf(id)}`)
  return [`c${to[0]}_${combination}`, { rules: [...strictness(filter.families, isOpen), ...jumps, denied(to)] }]
}

/** By what they follow from: one filter is compared many times. */
const computed = new WeakMap<Filter['entries'], WeakMap<Filter['open'], ReadonlyMap<string, Chain>>>()

/** The chains of every combination of groups that some interface is in. */
export const combinationChains = (filter: Filter): ReadonlyMap<string, Chain> => {
  const ofEntries = computed.get(filter.entries) ?? new WeakMap<Filter['open'], ReadonlyMap<string, Chain>>()
  const chains = ofEntries.get(filter.open) ?? computedChains(filter)
  computed.set(filter.entries, ofEntries.set(filter.open, chains))
  return chains
}

const computedChains = (filter: Filter): Map<string, Chain> => {
  const found = new Map<string, readonly string[]>()
  for (const { combination, plan } of filter.entries.values()) found.set(combination, guardsOf(plan))
  return new Map(
    [...found].flatMap(([combination, groupIds]) => [
      combinationChain(filter, combination, groupIds, 'ingress'),
      combinationChain(filter, combination, groupIds, 'egress'),
    ]),
  )
}

const familyElements = (plan: InterfacePlan, family: Family, key: string, combination: string): Element[] => {
  const end = digit(family)
  return [
    { set: `bound${end}`, key: `"${taskLink(plan.id)}" . ${plan.mac} . ${key}` },
    { set: `egress${end}`, key, value: `goto ce_${combination}` },
    { set: `ingress${end}`, key, value: `goto ci_${combination}` },
    ...plan.securityGroupIds.map((id) => ({ set: memberSet(id, family), key })),
  ]
}

/** What a public address adds; it leads to an interface while some route of its subnet leads to the gateway. */
const publicElements = (key: string, publicIp: string, egressAllowed: boolean): Element[] => [
  ...(egressAllowed ? [{ set: 'outbound', key }] : []),
  { set: 'public', key: `${key} . ${publicIp}` },
  { set: 'public_in', key: publicIp, value: key },
  { set: 'public_out', key, value: publicIp },
]

/** What lets it send for others, and asks its groups about what others send by it. */
const forwarderElements = ({ id, mac }: InterfacePlan, combination: string): Element[] => [
  { set: 'unbound', key: `"${taskLink(id)}" . ${mac}` },
  { set: 'transit', key: `"${taskLink(id)}"`, value: `goto ci_${combination}` },
]

export const entryOf = (vpc: VpcPlan, plan: InterfacePlan, egressAllowed: boolean): InterfaceEntry => {
  const publicIp = publicIpOf(vpc, plan)
  const combination = combinationOf(guardsOf(plan))
  const ipv6 =
    plan.ipv6Address === undefined || !familiesOf(vpc).includes('ip6')
      ? undefined
      : addressText('ip6', addressValue(plan.ipv6Address))
  return {
    plan,
    combination,
    publicIp,
    elements: [
      ...ipsOf(plan).flatMap((ip) => familyElements(plan, 'ip', ip, combination)),
      ...(ipv6 === undefined ? [] : familyElements(plan, 'ip6', ipv6, combination)),
      ...((vpc.forwarders ?? []).some(({ id }) => id === plan.id) ? forwarderElements(plan, combination) : []),
      ...(publicIp === undefined ? [] : publicElements(plan.privateIp, publicIp, egressAllowed)),
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
