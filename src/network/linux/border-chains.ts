// Network ACLs: asked about every packet that crosses a subnet's border, by the packet itself and not by its flow. Pure.

import type { NetworkAclEntry, NetworkAclPlan, SubnetPlan, VpcPlan } from '../network.ts'
import { familyOf, type Family, rangeOf, rangeText } from '../ranges.ts'
import { braces, type Chain, familiesOf, type Named } from './flow-chains.ts'
import { refused } from './flow-refusals.ts'
import { TASK_LINK_PREFIX } from './names.ts'
import { type Direction, EVERYONE, nameOf, protocolMatch } from './rules.ts'

const isAll = (entry: NetworkAclEntry, family: Family): boolean =>
  entry.action === 'allow' && entry.protocol === '-1' && entry.cidr === EVERYONE[family]

/** True when the first entry of a family and direction lets everything pass, as in the default ACL of a VPC. */
const letsAllPass = ({ entries }: NetworkAclPlan, direction: Direction, family: Family): boolean => {
  const first = entries.find((entry) => entry.direction === direction && familyOf(entry.cidr) === family)
  return first !== undefined && isAll(first, family)
}

/** Whether a subnet's ACL keeps anything out or in; those that do not cost no packet a thought. */
const guardOf = (plan: VpcPlan, subnet: SubnetPlan): NetworkAclPlan | undefined => {
  const acl = (plan.networkAcls ?? []).find(({ id }) => id === subnet.networkAclId)
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
  const rules = acl.entries
    .filter((entry) => entry.direction === direction)
    .flatMap((entry) => entryText(entry, families))
  return [chainName(direction, acl.id), { rules: [...rules, refused(direction)] } satisfies Chain]
}

/** Empty when every packet may cross every border. */
export const borderChains = (plan: VpcPlan): readonly Named[] => {
  const families = familiesOf(plan)
  const guarded = plan.subnets.flatMap((subnet) => {
    const acl = guardOf(plan, subnet)
    return acl === undefined ? [] : [{ subnet, acl }]
  })
  if (guarded.length === 0) return []
  const acls = [...new Set(guarded.map(({ acl }) => acl))]
  const rules = families.flatMap((family) => {
    const blocks = guarded.flatMap(({ subnet, acl }) => {
      const cidr = family === 'ip' ? subnet.cidr : subnet.ipv6Cidr
      return cidr === undefined ? [] : [{ cidr, acl }]
    })
    const asked = (direction: Direction): string =>
      braces(blocks.map(({ cidr, acl }) => `${cidr} : jump ${chainName(direction, acl.id)}`))
    return blocks.length === 0
      ? []
      : [
          // Within one subnet no border is crossed.
          ...blocks.map(({ cidr }) => `${family} saddr ${cidr} ${family} daddr ${cidr} return`),
          `iifname "${TASK_LINK_PREFIX}*" ${family} saddr vmap ${asked('egress')}`,
          `oifname "${TASK_LINK_PREFIX}*" ${family} daddr vmap ${asked('ingress')}`,
        ]
  })
  return [
    ...acls.flatMap((acl) => [aclChain(acl, 'ingress', families), aclChain(acl, 'egress', families)]),
    ['borders', { rules }],
  ]
}
