// How the kernel carries a load balancer's datagrams, in nft(8)'s words: a table in the network namespace of each door
// sends every new flow to a target, under the door's own address, and knows where the answers belong. Pure.
// AWS: "How Elastic Load Balancing works": a target is chosen by a hash of the flow.

import { isIPv4 } from 'node:net'
import {
  type BalancerPlan,
  type DatagramCounters,
  type GroupPlan,
  type ListenerPlan,
  takesDatagrams,
  type TargetPlan,
} from '../balancer.ts'
import { eligibleTargets } from '../eligible.ts'

/** Written anew with every change. */
const CARRYING = 'ip neargate_datagrams'
/** Made once: what it has counted outlives the changes. */
const COUNTING = 'ip neargate_counts'

/** Of the hashes that choose a group and a target: with the same one, a group would see only a part of its hashes. */
const GROUP_SEED = 1
const TARGET_SEED = 2

const FLOW = 'ip saddr . udp sport . ip daddr . udp dport'
const CLIENT = 'ip saddr'

/** A listener of datagrams, with the targets that are to get new flows. */
export interface Carried {
  readonly port: number
  /** Clients stay with their group, whatever port they send from. */
  readonly isSticky: boolean
  readonly groups: readonly CarriedGroup[]
}

export interface CarriedGroup {
  readonly id: string
  readonly weight: number
  /** Clients stay with their target. */
  readonly isSticky: boolean
  /** New flows go to one of these. */
  readonly open: readonly TargetPlan[]
  /** These keep the flows that they have. */
  readonly draining: readonly TargetPlan[]
}

/** Those of doors' own family: there are no others for datagrams. */
const reachable = (targets: readonly TargetPlan[]): TargetPlan[] => targets.filter(({ address }) => isIPv4(address))

export const carriedListeners = (
  plan: BalancerPlan,
  healthOf: (group: GroupPlan, target: TargetPlan) => 'unknown' | 'healthy' | 'unhealthy',
): Carried[] => {
  const groups = new Map(plan.groups.map((group) => [group.id, group]))
  const carried = ({ port, rules }: ListenerPlan): Carried[] => {
    const action = rules.at(-1)?.action
    if (action?.do !== 'forward') return []
    return [
      {
        port,
        isSticky: action.stickySeconds !== undefined,
        groups: action.groups.flatMap(({ id, weight }): CarriedGroup[] => {
          const group = groups.get(id)
          if (group === undefined) return []
          return [
            {
              id,
              weight,
              isSticky: group.stickiness !== undefined,
              open: reachable(eligibleTargets(group, (target) => healthOf(group, target))),
              draining: reachable(group.targets.filter(({ isDraining }) => isDraining)),
            },
          ]
        }),
      },
    ]
  }
  return plan.listeners.filter(takesDatagrams).flatMap(carried)
}

const chain = (name: string, ...rules: readonly string[]): string =>
  [`chain ${name} {`, ...rules.map((rule) => `  ${rule}`), '}'].join('\n')

/** One of `count` by a hash; `to` names the chain of each. */
const chosen = (by: string, seed: number, count: number, places: readonly string[]): string =>
  `jhash ${by} mod ${count} seed ${seed} vmap { ${places.join(', ')} }`

const targetChains = (name: string, { isSticky, open }: CarriedGroup): string[] => {
  // Silence where there is no target, as on AWS: a refusal would come from a port that listens.
  if (open.length === 0) return [chain(name, 'drop')]
  const places = open.map((_, index) => `${index} : goto ${name}_${index}`)
  return [
    ...open.map(({ address, port }, index) => chain(`${name}_${index}`, `ip protocol udp dnat to ${address}:${port}`)),
    chain(name, chosen(isSticky ? CLIENT : FLOW, TARGET_SEED, open.length, places)),
  ]
}

const listenerChains = (name: string, { isSticky, groups }: Carried): string[] => {
  let total = 0
  const chains: string[] = []
  const places: string[] = []
  for (const [index, group] of groups.entries()) {
    if (group.weight === 0) continue
    const from = total
    total += group.weight
    places.push(`${from === total - 1 ? from : `${from}-${total - 1}`} : goto ${name}_${index}`)
    chains.push(...targetChains(`${name}_${index}`, group))
  }
  if (total === 0) return [chain(name, 'drop')]
  return [...chains, chain(name, chosen(isSticky ? CLIENT : FLOW, GROUP_SEED, total, places))]
}

/** One transaction: flows that are under way do not notice. */
export const carryingRules = (address: string, listeners: readonly Carried[]): string => {
  if (!isIPv4(address)) throw new Error(`${address} is no address of a door`)
  const places = listeners.map(({ port }, index) => `${port} : goto l${index}`)
  const toListener = `ip daddr ${address} udp dport vmap { ${places.join(', ')} }`
  const parts = [
    ...listeners.flatMap((listener, index) => listenerChains(`l${index}`, listener)),
    chain('arriving', 'type nat hook prerouting priority dstnat; policy accept', toListener),
    // From the host, by whoever sends on what arrives at its loopback.
    chain('relayed', 'type nat hook output priority -100; policy accept', toListener),
    // The way back leads through here only under an address of ours.
    chain('leaving', 'type nat hook postrouting priority srcnat; policy accept', `ct status dnat snat to ${address}`),
    // It is no router for anything else.
    chain('passing', 'type filter hook forward priority filter; policy drop', 'ct status dnat accept'),
    // To and fro by one interface: the kernel would tell clients of the shorter way.
    chain('telling', 'type filter hook output priority filter; policy accept', 'icmp type redirect drop'),
    // Connections are HAProxy's and go nowhere else: following them would only cost.
    chain('coming', 'type filter hook prerouting priority raw; policy accept', 'ip protocol tcp notrack'),
    chain('going', 'type filter hook output priority raw; policy accept', 'ip protocol tcp notrack'),
  ]
  return [
    `add table ${CARRYING}`,
    `delete table ${CARRYING}`,
    `table ${CARRYING} {\n${parts.join('\n')}\n}`,
    `add table ${COUNTING}`,
    ...['flows', 'received', 'sent'].map((name) => `add counter ${COUNTING} ${name}`),
    `add chain ${COUNTING} beginning { type nat hook postrouting priority 99; policy accept; }`,
    `add chain ${COUNTING} coming { type filter hook prerouting priority -90; policy accept; }`,
    `add chain ${COUNTING} going { type filter hook output priority -90; policy accept; }`,
    `flush table ${COUNTING}`,
    // Only the first packet of a flow comes by here.
    `add rule ${COUNTING} beginning ct status dnat counter name flows`,
    `add rule ${COUNTING} coming ct status dnat ct direction original counter name received`,
    `add rule ${COUNTING} coming ct status dnat ct direction reply counter name sent`,
    `add rule ${COUNTING} going ct status dnat ct direction original counter name received`,
    '',
  ].join('\n')
}

/** Nothing of it is left. Safe to repeat. */
export const WITHDRAWAL = [CARRYING, COUNTING].map((table) => `add table ${table}\ndelete table ${table}\n`).join('')

/** Also where a server died before it had made the table. */
export const LIST_COUNTS = `add table ${COUNTING}\nlist counters table ${COUNTING}\n`
/** Counting begins anew. */
export const RESET_COUNTS = `add table ${COUNTING}\nreset counters table ${COUNTING}\n`

/** From what nft lists of the counters. */
export const countsOf = (listed: string): Pick<DatagramCounters, 'newFlows' | 'receivedBytes' | 'sentBytes'> => {
  const number = (name: string, unit: string): number =>
    Number(new RegExp(`counter ${name} \\{[^}]*${unit} (\\d+)`).exec(listed)?.[1] ?? 0)
  return {
    newFlows: number('flows', 'packets'),
    receivedBytes: number('received', 'bytes'),
    sentBytes: number('sent', 'bytes'),
  }
}
