// Network ACLs as the packet filter writes them and as explanations read them. Pure.

import { type Direction, EVERYONE, isMatch, matchOf, type Packet } from './match.ts'
import type { NetworkAclEntry, NetworkAclPlan, SubnetPlan, VpcPlan } from './network.ts'
import { familyOf, type Family, holdsAddress, rangeOf } from './ranges.ts'

export const aclOf = (vpc: VpcPlan, subnet: Pick<SubnetPlan, 'networkAclId'>): NetworkAclPlan | undefined =>
  (vpc.networkAcls ?? []).find(({ id }) => id === subnet.networkAclId)

/** In the order in which they are asked. */
export const entriesOf = (acl: NetworkAclPlan, direction: Direction): NetworkAclEntry[] =>
  acl.entries.filter((entry) => entry.direction === direction)

/** True when the first entry of a family and direction lets everything pass, as in the default ACL of a VPC. */
export const letsAllPass = (acl: NetworkAclPlan, direction: Direction, family: Family): boolean => {
  const first = entriesOf(acl, direction).find(({ cidr }) => familyOf(cidr) === family)
  return first?.action === 'allow' && first.protocol === '-1' && first.cidr === EVERYONE[family]
}

/** The entry that decides about a packet; `other` is the address of the other side. undefined: the final deny. */
export const decidingEntry = (
  acl: NetworkAclPlan,
  direction: Direction,
  other: string,
  packet: Packet,
): NetworkAclEntry | undefined =>
  entriesOf(acl, direction).find((entry) => {
    const match = matchOf(entry, familyOf(entry.cidr))
    return match !== undefined && isMatch(match, packet) && holdsAddress(rangeOf(entry.cidr), other)
  })
