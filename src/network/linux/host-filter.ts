// The host's side of the way out, as nft commands. Pure. Everything stands in one table of this instance's own.

import { DOCUMENTATION_IPV6, NEVER_OUTSIDE, NEVER_OUTSIDE_IPV6 } from '../addresses.ts'
import type { Family } from '../ranges.ts'
import { IPV6_TRANSIT_POOL, TRANSIT_POOL } from './transit.ts'

export interface HostFilterOptions {
  readonly table: string
  readonly egressAllowed: boolean
}

/**
 * uplinks: links to routers; inside: addresses that may come from there; public: those that may be gone to;
 * guarded: links of the host whose forwarding was off before this instance needed it.
 */
export type HostSet = 'uplinks' | 'inside' | 'public' | 'guarded'

const WORLD = {
  ip: { type: 'ipv4_addr', never: NEVER_OUTSIDE, transit: TRANSIT_POOL, mayAsk: [] },
  ip6: {
    type: 'ipv6_addr',
    never: [...NEVER_OUTSIDE_IPV6, DOCUMENTATION_IPV6],
    transit: IPV6_TRANSIT_POOL,
    // Routers and host find each other's MAC address.
    mayAsk: ['iifname @uplinks icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'],
  },
} as const

/** Makes the table of a family, or its rules anew where it is there already; set elements and flows stay. */
export const hostRules = (family: Family, { table, egressAllowed }: HostFilterOptions): string => {
  const { type, never, transit, mayAsk } = WORLD[family]
  const own = `${family} ${table}`
  const chain = (name: string, hook: string, rules: readonly string[]): string[] => [
    `add chain ${own} ${name} { type ${hook}; policy accept; }`,
    `flush chain ${own} ${name}`,
    ...rules.map((rule) => `add rule ${own} ${name} ${rule}`),
  ]
  return [
    `add table ${own}`,
    `add set ${own} uplinks { type ifname; }`,
    `add set ${own} inside { type ${type}; }`,
    `add set ${own} public { type ${type}; }`,
    `add set ${own} guarded { type ifname; }`,
    ...chain('input', 'filter hook input priority -10', [
      // The host may talk to a task under its public address; a task finds no service of the host.
      'iifname @uplinks ct state established,related accept',
      ...mayAsk,
      'iifname @uplinks drop',
    ]),
    ...chain('forward', 'filter hook forward priority -10', [
      `iifname @uplinks ${family} saddr != @inside drop`,
      'iifname @uplinks ct state established,related accept',
      'oifname @uplinks ct state established,related accept',
      ...(egressAllowed ? [] : ['iifname @uplinks drop']),
      // Addresses of VPCs may be of a range that no router takes: they leave for another VPC only.
      `iifname @uplinks ${family} daddr != @public ${family} daddr { ${never.join(', ')} } drop`,
      `oifname @uplinks ${family} daddr != @public drop`,
      // Forwarding was switched on here for tasks, those of any instance, and for nothing else.
      'iifname @guarded oifname != "ngu*" ct state new ct status ! dnat drop',
    ]),
    ...chain(
      'translate_out',
      'nat hook postrouting priority srcnat',
      egressAllowed
        ? [
            `${family} saddr @inside oifname != @uplinks masquerade`,
            // Back into the VPC it came from, a router would take its own address for a forged one.
            `${family} saddr ${transit} oifname @uplinks masquerade`,
          ]
        : [],
    ),
  ].join('\n')
}

export const addHostElement = (family: Family, table: string, set: HostSet, key: string): string =>
  `add element ${family} ${table} ${set} { ${set === 'uplinks' || set === 'guarded' ? `"${key}"` : key} }`

/** Also when it is not there: adding it first makes that no failure. */
export const deleteHostElement = (family: Family, table: string, set: HostSet, key: string): string => {
  const add = addHostElement(family, table, set, key)
  return `${add}\n${add.replace(/^add/, 'delete')}`
}

/** The names in a set as nft lists it. */
export const listedNames = (listing: string): string[] =>
  [...listing.matchAll(/"([^"]+)"/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))

export const deleteHostTable = (family: Family, table: string): string =>
  `add table ${family} ${table}\ndelete table ${family} ${table}`
