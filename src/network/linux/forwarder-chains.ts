// For routes that lead to an interface: packets are marked for a routing table of its own, and its groups are asked. What it
// makes of them it sends like whatever it sends. Pure.

import type { VpcPlan } from '../network.ts'
import { flattened, rangeText } from '../ranges.ts'
import { exitOf, waysOf } from '../routes.ts'
import { AGREED, braces, has, type Named, subnetBlocks, viaChain } from './flow-chains.ts'
import { TASK_LINK_PREFIX, taskLink } from './names.ts'
import { nameOf } from './rules.ts'

/** Of a packet's mark and of the routing table that it leads to; no other mark of the filter is as high. */
const FIRST_FORWARDER = 0x1000

export const forwarderTable = (position: number): number => FIRST_FORWARDER + position

const via = (id: string): Named => {
  const link = `"${taskLink(id)}"`
  return [
    viaChain(id),
    {
      rules: [
        `ct direction original oifname != ${link} drop`,
        `ct direction original iifname ${link} drop`,
        `${has(AGREED.receiver)} goto passed`,
        'ct direction original oifname vmap @transit',
        'iifname vmap @transit',
        'drop',
      ],
    },
  ]
}

export const forwarderChains = (plan: VpcPlan): readonly Named[] => {
  const { forwarders = [] } = plan
  if (forwarders.length === 0) return []
  const diverted = subnetBlocks(plan, 'ip').flatMap(([subnet, cidr]) => {
    const ways = waysOf(plan, subnet, 'ip').map(({ range, value }) => {
      const exit = value.target === 'local' ? undefined : exitOf(plan, value.target, 'ip')
      const position = exit?.by === 'interface' ? forwarders.indexOf(exit.forwarder) : -1
      return { range, value: position < 0 ? undefined : forwarderTable(position) }
    })
    const marks = flattened(ways).flatMap(({ range, value }) =>
      value === undefined ? [] : [`${rangeText(range)} : ${value}`],
    )
    const name = `divert_${nameOf(subnet.id)}`
    const chain: Named = [name, { rules: [`meta mark set ip daddr map ${braces(marks)}`] }]
    return marks.length === 0 ? [] : [{ chain, choice: `${cidr} : goto ${name}` }]
  })
  return [
    ...forwarders.map(({ id }) => via(id)),
    ...diverted.map(({ chain }) => chain),
    [
      'divert',
      {
        hook: 'type filter hook prerouting priority mangle; policy accept;',
        rules: [
          `iifname != "${TASK_LINK_PREFIX}*" accept`,
          ...(diverted.length === 0 ? [] : [`ip saddr vmap ${braces(diverted.map(({ choice }) => choice))}`]),
        ],
      },
    ],
  ]
}
