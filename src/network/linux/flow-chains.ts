// The chains that every packet passes, whatever the groups: what is established, which way it goes, who may go there.
//
// A flow's mark says who has agreed to it: the sender's groups, the receiver's, and in which generation of the rules. A
// packet of a flow of this generation passes by one comparison. Whenever a change may take something away, the
// generation moves on in the same transaction, and the next packet of every flow asks again. What a group tracks is not
// asked again.

import { NEVER_OUTSIDE, NEVER_OUTSIDE_IPV6, servicesOf } from '../addresses.ts'
import type { NatGatewayPlan, SubnetPlan, VpcPlan } from '../network.ts'
import { flattened, type Family, type Range, rangeText } from '../ranges.ts'
import { exitOf, leadsBack, type Way, waysOf } from '../routes.ts'
import { ROUTER_UPLINK, TASK_LINK_PREFIX, taskLink } from './names.ts'
import { nameOf } from './rules.ts'
import { IPV6_TRANSIT_POOL } from './transit.ts'

export interface Chain {
  /** Set for chains that the kernel calls. */
  readonly hook?: string
  readonly rules: readonly string[]
}
export type Named = readonly [name: string, chain: Chain]

/** Replaced by the number of the generation, shifted, when the rules are written. */
export const GENERATION = '$generation'
export const GENERATION_SHIFT = 8
const GENERATION_MASK = '0xffffff00'
export const AGREED = { sender: '0x1', receiver: '0x2' } as const
/** On a packet: its groups have no rule for everything the other way, so that all they allow is tracked. */
export const STRICT = '0x1'
const UNTRACED = '0x0'
const BY_INTERNET_GATEWAY = '0x2'
const FIRST_NAT_MARK = 0x10

export const braces = (values: readonly string[]): string => `{ ${values.join(', ')} }`

export const familiesOf = (plan: VpcPlan): readonly Family[] =>
  (plan.ipv6Cidrs ?? []).length > 0 ? ['ip', 'ip6'] : ['ip']

export const digit = (family: Family): number => (family === 'ip' ? 4 : 6)

export const has = (bit: string): string => `ct mark and ${bit} == ${bit}`

const sourceChain = (families: readonly Family[], hasForwarders: boolean): Named => [
  'source',
  {
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: [
      `iifname != "${TASK_LINK_PREFIX}*" accept`,
      ...families.map((family) => `iifname . ether saddr . ${family} saddr @bound${digit(family)} accept`),
      ...(hasForwarders ? ['meta protocol ip iifname . ether saddr @unbound accept'] : []),
      'meta protocol arp accept',
      'drop',
    ],
  },
]

const natMark = (position: number): string => `0x${(FIRST_NAT_MARK + position).toString(16)}`

const translations = (plan: VpcPlan): readonly Named[] => [
  [
    'translate_in',
    {
      hook: 'type nat hook prerouting priority dstnat; policy accept;',
      rules: [`iifname "${ROUTER_UPLINK}" dnat ip to ip daddr map @public_in`],
    },
  ],
  [
    'translate_out',
    {
      hook: 'type nat hook postrouting priority srcnat; policy accept;',
      rules: [
        `oifname "${ROUTER_UPLINK}" meta mark ${BY_INTERNET_GATEWAY} snat ip to ip saddr map @public_out`,
        ...(plan.natGateways ?? []).map(
          ({ publicIp }, position) =>
            `oifname "${ROUTER_UPLINK}" meta nfproto ipv4 meta mark ${natMark(position)} snat ip to ${publicIp}`,
        ),
      ],
    },
  ],
]

/** The chain that a route to an interface leads to. */
export const viaChain = (id: string): string => `via_${nameOf(id)}`

/** A forwarder may send answers of others; what it begins itself, only under its own address. */
const forgeries = ({ forwarders = [] }: VpcPlan): string[] =>
  forwarders.map(
    ({ id }) => `iifname "${taskLink(id)}" ct direction original iifname . ether saddr . ip saddr != @bound4 drop`,
  )

const forwardChain = (plan: VpcPlan, families: readonly Family[], isGuarded: boolean): Named => [
  'forward',
  {
    hook: 'type filter hook forward priority filter; policy drop;',
    rules: [
      ...(isGuarded ? ['jump borders'] : []),
      ...forgeries(plan),
      `ct mark and ${GENERATION_MASK} == ${GENERATION} accept`,
      'ct state related accept',
      'ct state invalid drop',
      'ct status dnat goto arriving_public',
      // No translation tells by what IPv6 came in: who began the flow does.
      ...(families.includes('ip6')
        ? [`ct original ip6 saddr != ${braces(plan.ipv6Cidrs ?? [])} goto arriving_public6`]
        : []),
      `iifname "${ROUTER_UPLINK}" ct direction original drop`,
      `${has(AGREED.sender)} goto routed`,
      ...families.map((family) => `ct original ${family} saddr vmap @egress${digit(family)}`),
    ],
  },
]

/** What the chains of groups end in. ICMP is tracked always. */
const agreements = (side: 'sender' | 'receiver', tracked: string, next: string): readonly Named[] => [
  [tracked, { rules: [`ct mark set ct mark or ${AGREED[side]} goto ${next}`] }],
  [
    `${tracked}_by_all`,
    { rules: [`meta l4proto != { tcp, udp } goto ${tracked}`, `meta mark ${STRICT} goto ${tracked}`, `goto ${next}`] },
  ],
]

const arrivals = (families: readonly Family[]): readonly Named[] => [
  [
    'arriving',
    {
      rules: [
        `${has(AGREED.receiver)} goto passed`,
        ...families.map((family) => `ct reply ${family} saddr vmap @ingress${digit(family)}`),
        'drop',
      ],
    },
  ],
  ['passed', { rules: [`ct mark set ct mark and 0xff or ${GENERATION} accept`] }],
]

/** Blocks with what each means, as the body of a verdict map. */
const verdicts = (routes: readonly { readonly range: Range; readonly value: string }[]): string[] =>
  flattened(routes).map(({ range, value }) => `${rangeText(range)} : ${value}`)

export const subnetBlocks = (plan: VpcPlan, family: Family): readonly (readonly [SubnetPlan, string])[] =>
  plan.subnets.flatMap((subnet) => {
    const cidr = family === 'ip' ? subnet.cidr : subnet.ipv6Cidr
    return cidr === undefined ? [] : [[subnet, cidr] as const]
  })

/** By which gateway, and what it does to a flow that wants to go there. */
const departure = (way: Way, family: Family, plan: VpcPlan, egressAllowed: boolean): string => {
  if (way.target === 'local') return 'goto arriving'
  const exit = exitOf(plan, way.target, family)
  if (exit?.by === 'interface') return `goto ${viaChain(exit.forwarder.id)}`
  if (exit === undefined || !egressAllowed) return 'drop'
  return exit.by === 'nat-gateway' ? `goto out_${nameOf(exit.gateway.id)}` : `goto out_igw${digit(family)}`
}

const routesOf = (plan: VpcPlan, subnet: SubnetPlan, family: Family, meaning: (way: Way) => string): string[] =>
  verdicts(waysOf(plan, subnet, family).map(({ range, value }) => ({ range, value: meaning(value) })))

/** Where the sender's subnet routes a flow to, and whether the receiver's routes back to where it came from. */
const routing = (plan: VpcPlan, egressAllowed: boolean): readonly Named[] => {
  const families = familiesOf(plan)
  const chains: Named[] = []
  const choices: Record<'routed' | 'returned', string[]> = { routed: [], returned: [] }
  for (const family of families) {
    const [out, back]: [string[], string[]] = [[], []]
    for (const [subnet, cidr] of subnetBlocks(plan, family)) {
      const [there, from] = [`to${digit(family)}_${nameOf(subnet.id)}`, `from${digit(family)}_${nameOf(subnet.id)}`]
      const ways = routesOf(plan, subnet, family, (way) => departure(way, family, plan, egressAllowed))
      const returns = routesOf(plan, subnet, family, (way) => (leadsBack(way) ? 'goto arriving' : 'drop'))
      chains.push(
        [there, { rules: [`ct original ${family} daddr vmap ${braces(ways)}`, 'drop'] }],
        [from, { rules: [`ct original ${family} saddr vmap ${braces(returns)}`, 'drop'] }],
      )
      out.push(`${cidr} : goto ${there}`)
      back.push(`${cidr} : goto ${from}`)
    }
    if (out.length === 0) continue
    choices.routed.push(`ct original ${family} saddr vmap ${braces(out)}`)
    choices.returned.push(`ct reply ${family} saddr vmap ${braces(back)}`)
  }
  return [
    ...chains,
    ['routed', { rules: [...choices.routed, 'drop'] }],
    ['returned', { rules: [...choices.returned, 'drop'] }],
    ...(families.includes('ip6')
      ? [
          [
            'arriving_public6',
            {
              rules: [
                `ct original ip6 saddr ${IPV6_TRANSIT_POOL} goto returned`,
                // Answers to there would be dropped; without a reverse path filter, requests are not, of themselves.
                `ct original ip6 saddr ${braces(NEVER_OUTSIDE_IPV6)} drop`,
                'goto returned',
              ],
            },
          ] as Named,
        ]
      : []),
    ['arriving_public', { rules: ['ct reply ip saddr . ct original ip daddr @public goto returned', 'drop'] }],
  ]
}

const OUTSIDE_ONLY = [
  `ct direction original oifname != "${ROUTER_UPLINK}" drop`,
  `ct original ip daddr ${braces(NEVER_OUTSIDE)} drop`,
]

/** What a NAT gateway sends goes by the routes of the subnet that it stands in. */
const natChains = (plan: VpcPlan, { id, subnetId, publicIp }: NatGatewayPlan, position: number): readonly Named[] => {
  const subnet = plan.subnets.find((one) => one.id === subnetId)
  const [out, by] = [`out_${nameOf(id)}`, `by_${nameOf(id)}`]
  const ways =
    subnet === undefined ? [] : routesOf(plan, subnet, 'ip', (way) => (leadsBack(way) ? `goto ${by}` : 'drop'))
  const routed = ways.length === 0 ? [] : [`ct original ip daddr vmap ${braces(ways)}`]
  return [
    [
      by,
      {
        rules: [
          `meta mark set ${natMark(position)}`,
          'ct state new goto passed',
          `ct reply ip daddr ${publicIp} goto passed`,
          'drop',
        ],
      },
    ],
    [out, { rules: [...OUTSIDE_ONLY, ...routed, 'drop'] }],
  ]
}

const gateways = (plan: VpcPlan): readonly Named[] => [
  [
    'out_igw4',
    {
      rules: [
        ...OUTSIDE_ONLY,
        `meta mark set ${BY_INTERNET_GATEWAY}`,
        'ct state new ct original ip saddr @outbound goto passed',
        // The flow goes out under an address that is the sender's to this day.
        'ct original ip saddr . ct reply ip daddr @public goto passed',
        'drop',
      ],
    },
  ],
  ...(plan.natGateways ?? []).flatMap((gateway, position) => natChains(plan, gateway, position)),
  ...(familiesOf(plan).includes('ip6')
    ? [
        [
          'out_igw6',
          {
            rules: [
              `ct direction original oifname != "${ROUTER_UPLINK}" drop`,
              `ct original ip6 daddr ${braces(NEVER_OUTSIDE_IPV6)} drop`,
              'goto passed',
            ],
          },
        ] as Named,
      ]
    : []),
]

/** What tasks may ask of the router itself, whatever their groups say: metadata, names, the API. */
const inputChain = (plan: VpcPlan): Named => [
  'input',
  {
    hook: 'type filter hook input priority filter; policy drop;',
    rules: [
      'iifname "lo" accept',
      'ct state established,related accept',
      `iifname "${ROUTER_UPLINK}" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`,
      `iifname != "${TASK_LINK_PREFIX}*" drop`,
      ...servicesOf(plan).map(
        ({ addresses, protocol, port }) => `ip daddr ${braces(addresses)} ${protocol} dport ${port} accept`,
      ),
    ],
  },
]

/** Marks the packets of a combination of groups that lets no answer pass by rule alone. */
export const strictness = (families: readonly Family[], isOpen: (family: Family) => boolean): string[] => [
  `meta mark set ${UNTRACED}`,
  ...families
    .filter((family) => !isOpen(family))
    .map((family) => `meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'} meta mark set ${STRICT}`),
]

export const flowChains = (plan: VpcPlan, isGuarded: boolean, egressAllowed: boolean): readonly Named[] => {
  const families = familiesOf(plan)
  return [
    sourceChain(families, (plan.forwarders ?? []).length > 0),
    ...translations(plan),
    forwardChain(plan, families, isGuarded),
    ...agreements('sender', 'sent', 'routed'),
    ...agreements('receiver', 'received', 'passed'),
    ...routing(plan, egressAllowed),
    ...gateways(plan),
    ...arrivals(families),
    inputChain(plan),
  ]
}
