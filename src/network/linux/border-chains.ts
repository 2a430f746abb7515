// Network ACLs: asked about every packet that crosses a subnet's border, by the packet itself and not by its flow. Pure.

import { aclOf, entriesOf, letsAllPass } from '../acls.ts'
import { type Direction, EVERYONE } from '../match.ts'
import type { NetworkAclEntry, NetworkAclPlan, SubnetPlan, VpcPlan } from '../network.ts'
import { familyOf, type Family, flattened, rangeOf, rangeText } from '../ranges.ts'
import { exitOf, waysOf } from '../routes.ts'
import { braces, type Chain, familiesOf, type Named } from './flow-chains.ts'
import { refused } from './flow-refusals.ts'
import { ROUTER_UPLINK, TASK_LINK_PREFIX, taskLink } from './names.ts'
import { nameOf, protocolMatch } from './rules.ts'

/** Whether a subnet's ACL keeps anything out or in; those that do not cost no packet a thought. */
const guardOf = (plan: VpcPlan, subnet: SubnetPlan): NetworkAclPlan | undefined => {
  const acl = aclOf(plan, subnet)
  if (acl === undefined) return undefined
  const isOpen = familiesOf(plan).every(
    (family) => letsAllPass(acl, 'ingress', family) && letsAllPass(acl, 'egress', family),
  )
  return isOpen ? undefined : acl
}

const chainName = (direction: Direction, aclId: string): string => `a${direction[0]}_${nameOf(aclId)}`

const entryText = (entry: NetworkAclEntry, families: readonly Family[]): string[] => {
  const family = familyOf(entry.cidr)
  const protocol = protocolMatch(entry, family, 'packet')
  if (protocol === undefined || !families.includes(family)) return []
  const field = entry.direction === 'ingress' ? 'saddr' : 'daddr'
  const peer =
    entry.cidr === EVERYONE[family]
      ? `meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'}`
      : `${family} ${field} ${rangeText(rangeOf(entry.cidr))}`
  return [
    [peer, protocol, entry.action === 'allow' ? 'return' : refused(entry.direction)]
      .filter((part) => part !== '')
      .join(' '),
  ]
}

const aclChain = (acl: NetworkAclPlan, direction: Direction, families: readonly Family[]): Named => {
  const rules = entriesOf(acl, direction).flatMap((entry) => entryText(entry, families))
  return [chainName(direction, acl.id), { rules: [...rules, refused(direction)] } satisfies Chain]
}

interface Border {
  readonly cidr: string
  readonly acl: NetworkAclPlan
}

/** Asked by the address of the packet's end inside. Within one subnet no border is crossed. */
const subnetRules = (family: Family, borders: readonly Border[]): string[] => {
  const asked = (direction: Direction): string =>
    braces(borders.map(({ cidr, acl }) => `${cidr} : jump ${chainName(direction, acl.id)}`))
  return [
    ...borders.map(({ cidr }) => `${family} saddr ${cidr} ${family} daddr ${cidr} return`),
    `iifname "${TASK_LINK_PREFIX}*" ${family} saddr vmap ${asked('egress')}`,
    `oifname "${TASK_LINK_PREFIX}*" ${family} daddr vmap ${asked('ingress')}`,
  ]
}

const throughName = (aclId: string): string => `at_${nameOf(aclId)}`

/** What goes by way of a subnet that neither end is in enters it and leaves it. */
const throughChain = ({ id }: NetworkAclPlan): Named => [
  throughName(id),
  { rules: [`jump ${chainName('ingress', id)}`, `jump ${chainName('egress', id)}`] },
]

/** For the subnets that NAT gateways stand in: of a subnet, the outside addresses that it goes to by way of one. */
const natBorders = (plan: VpcPlan, guards: ReadonlyMap<string, NetworkAclPlan>): readonly Named[] => {
  const ways = plan.subnets.flatMap((subnet) => {
    const through = waysOf(plan, subnet, 'ip').map(({ range, value }) => {
      const exit = value.target === 'local' ? undefined : exitOf(plan, value.target, 'ip')
      const at = exit?.by === 'nat-gateway' ? exit.gateway.subnetId : subnet.id
      return { range, value: at === subnet.id ? undefined : guards.get(at) }
    })
    const guarded = flattened(through).flatMap(({ range, value }) =>
      value === undefined ? [] : [`${rangeText(range)} : jump ${throughName(value.id)}`],
    )
    return guarded.length === 0 ? [] : [{ subnet, guarded: braces(guarded) }]
  })
  if (ways.length === 0) return []
  const from = (name: string): string =>
    braces(ways.map(({ subnet }) => `${subnet.cidr} : jump ${name}_${nameOf(subnet.id)}`))
  return [
    ...ways.flatMap(({ subnet, guarded }): Named[] => [
      [`no_${nameOf(subnet.id)}`, { rules: [`ip daddr vmap ${guarded}`] }],
      [`ni_${nameOf(subnet.id)}`, { rules: [`ip saddr vmap ${guarded}`] }],
    ]),
    [
      'nat_borders',
      {
        rules: [
          `oifname "${ROUTER_UPLINK}" ct direction original ip saddr vmap ${from('no')}`,
          `iifname "${ROUTER_UPLINK}" ct direction reply ip daddr vmap ${from('ni')}`,
        ],
      },
    ],
  ]
}

/** What a forwarder sends and gets for others has neither end in its subnet. Within that, no border is crossed. */
const forwarderRules = (plan: VpcPlan, guards: ReadonlyMap<string, NetworkAclPlan>): string[] =>
  (plan.forwarders ?? []).flatMap(({ id, subnetId, privateIp }) => {
    const [link, acl] = [`"${taskLink(id)}"`, guards.get(subnetId)]
    const subnet = plan.subnets.find((one) => one.id === subnetId)
    if (acl === undefined || subnet === undefined) return []
    return [
      `oifname ${link} ip saddr ${subnet.cidr} return`,
      `iifname ${link} ip daddr ${subnet.cidr} return`,
      `oifname ${link} ip daddr != ${privateIp} jump ${chainName('ingress', acl.id)}`,
      `iifname ${link} ip saddr != ${privateIp} jump ${chainName('egress', acl.id)}`,
    ]
  })

/** Empty when every packet may cross every border. */
export const borderChains = (plan: VpcPlan): readonly Named[] => {
  const families = familiesOf(plan)
  const guarded = plan.subnets.flatMap((subnet) => {
    const acl = guardOf(plan, subnet)
    return acl === undefined ? [] : [{ subnet, acl }]
  })
  if (guarded.length === 0) return []
  const acls = [...new Set(guarded.map(({ acl }) => acl))]
  const guards = new Map(guarded.map(({ subnet, acl }) => [subnet.id, acl]))
  const nat = natBorders(plan, guards)
  const rules = families.flatMap((family) => {
    const borders = guarded.flatMap(({ subnet, acl }) => {
      const cidr = family === 'ip' ? subnet.cidr : subnet.ipv6Cidr
      return cidr === undefined ? [] : [{ cidr, acl }]
    })
    return borders.length === 0 ? [] : subnetRules(family, borders)
  })
  return [
    ...acls.flatMap((acl) => [
      aclChain(acl, 'ingress', families),
      aclChain(acl, 'egress', families),
      ...(nat.length === 0 ? [] : [throughChain(acl)]),
    ]),
    ...nat,
    [
      'borders',
      { rules: [...(nat.length === 0 ? [] : ['jump nat_borders']), ...forwarderRules(plan, guards), ...rules] },
    ],
  ]
}
