// The host's side of the way out, as nft commands. Pure. Everything stands in one table of this instance's own.

import { NEVER_OUTSIDE } from '../addresses.ts'
import { TRANSIT_POOL } from './transit.ts'

export interface HostFilterOptions {
  readonly table: string
  readonly egressAllowed: boolean
}

/**
 * uplinks: links to routers; inside: addresses that may come from there; public: those that may be gone to;
 * guarded: links of the host whose forwarding was off before this instance needed it.
 */
export type HostSet = 'uplinks' | 'inside' | 'public' | 'guarded'

/** Makes the table, or its rules anew where it is there already; set elements and flows stay. */
export const hostRules = ({ table, egressAllowed }: HostFilterOptions): string => {
  const chain = (name: string, hook: string, rules: readonly string[]): string[] => [
    `add chain ip ${table} ${name} { type ${hook}; policy accept; }`,
    `flush chain ip ${table} ${name}`,
    ...rules.map((rule) => `add rule ip ${table} ${name} ${rule}`),
  ]
  return [
    `add table ip ${table}`,
    `add set ip ${table} uplinks { type ifname; }`,
    `add set ip ${table} inside { type ipv4_addr; }`,
    `add set ip ${table} public { type ipv4_addr; }`,
    `add set ip ${table} guarded { type ifname; }`,
    ...chain('input', 'filter hook input priority -10', [
      // The host may talk to a task under its public address; a task finds no service of the host.
      'iifname @uplinks ct state established,related accept',
      'iifname @uplinks drop',
    ]),
    ...chain('forward', 'filter hook forward priority -10', [
      'iifname @uplinks ip saddr != @inside drop',
      'iifname @uplinks ct state established,related accept',
      'oifname @uplinks ct state established,related accept',
      ...(egressAllowed ? [] : ['iifname @uplinks drop']),
      `iifname @uplinks ip daddr { ${NEVER_OUTSIDE.join(', ')} } drop`,
      'oifname @uplinks ip daddr != @public drop',
      // Forwarding was switched on here for tasks, those of any instance, and for nothing else.
      'iifname @guarded oifname != "ngu*" ct state new ct status ! dnat drop',
    ]),
    ...chain(
      'translate_out',
      'nat hook postrouting priority srcnat',
      egressAllowed
        ? [
            'ip saddr @inside oifname != @uplinks masquerade',
            // Back into the VPC it came from, a router would take its own address for a forged one.
            `ip saddr ${TRANSIT_POOL} oifname @uplinks masquerade`,
          ]
        : [],
    ),
  ].join('\n')
}

export const addHostElement = (table: string, set: HostSet, key: string): string =>
  `add element ip ${table} ${set} { ${set === 'uplinks' || set === 'guarded' ? `"${key}"` : key} }`

/** Also when it is not there: adding it first makes that no failure. */
export const deleteHostElement = (table: string, set: HostSet, key: string): string => {
  const add = addHostElement(table, set, key)
  return `${add}\n${add.replace(/^add/, 'delete')}`
}

/** The names in a set as nft lists it. */
export const listedNames = (listing: string): string[] =>
  [...listing.matchAll(/"([^"]+)"/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))

export const deleteHostTable = (table: string): string => `add table ip ${table}\ndelete table ip ${table}`
