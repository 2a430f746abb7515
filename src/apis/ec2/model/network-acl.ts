// A network ACL: the default one of every VPC, the subnets that follow it, and how EC2 shows it. Pure.
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html)

import type { NetworkAcl, NetworkAclAssociation, NetworkAclEntry, Tag } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import type { NetworkAclEntryRecord, NetworkAclRecord, SubnetRecord, VpcRecord } from './records.ts'
import { NETWORK_ACL, SUBNET, VPC } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

const ASSOCIATION_PREFIX = 'aclassoc'
const ANY_IPV4 = '0.0.0.0/0'
const ANY_IPV6 = '::/0'
const DIRECTIONS = ['egress', 'ingress'] as const

export const newAclAssociationId = (random: Random): string => newEc2Id(ASSOCIATION_PREFIX, random)

export const newNetworkAcl = (vpc: VpcRecord, tags: readonly Tag[], random: Random): NetworkAclRecord => ({
  id: newEc2Id(NETWORK_ACL.prefix, random),
  scope: vpc.scope,
  vpcId: vpc.id,
  isDefault: false,
  entries: [],
  associations: [],
  tags,
})

/** The id of a VPC's default list follows from the VPC's, so that it is known before anybody has stored the list. */
const defaultAclId = (vpcId: string): string => `${NETWORK_ACL.prefix}-${vpcId.slice(VPC.prefix.length + 1)}`

/** The VPC whose default list has this id, if there is such a VPC. */
export const vpcIdOfDefaultAcl = (aclId: string): string =>
  `${VPC.prefix}-${aclId.slice(NETWORK_ACL.prefix.length + 1)}`

const allowAll = (
  direction: NetworkAclEntryRecord['direction'],
  ruleNumber: number,
  peer: Pick<NetworkAclEntryRecord, 'cidrIpv4' | 'cidrIpv6'>,
): NetworkAclEntryRecord => ({ ruleNumber, direction, protocol: '-1', action: 'allow', ...peer })

const IPV4_ENTRIES = DIRECTIONS.map((direction) => allowAll(direction, 100, { cidrIpv4: ANY_IPV4 }))
const IPV6_ENTRIES = DIRECTIONS.map((direction) => allowAll(direction, 101, { cidrIpv6: ANY_IPV6 }))

const hasIpv6 = (vpc: VpcRecord): boolean => (vpc.ipv6Cidrs ?? []).length > 0

/** The default list as nobody has changed it. */
export const defaultNetworkAcl = (vpc: VpcRecord): NetworkAclRecord => ({
  id: defaultAclId(vpc.id),
  scope: vpc.scope,
  vpcId: vpc.id,
  isDefault: true,
  entries: [...IPV4_ENTRIES, ...(hasIpv6(vpc) ? IPV6_ENTRIES : [])],
  associations: [],
  tags: [],
})

const sameEntry = (a: NetworkAclEntryRecord, b: NetworkAclEntryRecord): boolean =>
  a.ruleNumber === b.ruleNumber &&
  a.direction === b.direction &&
  a.protocol === b.protocol &&
  a.action === b.action &&
  a.cidrIpv4 === b.cidrIpv4 &&
  a.cidrIpv6 === b.cidrIpv6

/** A default list whose rules nobody has changed gets those for IPv6 together with the VPC's first IPv6 block. */
export const withIpv6Entries = (acl: NetworkAclRecord): NetworkAclRecord => {
  const isUnchanged =
    acl.isDefault &&
    acl.entries.length === IPV4_ENTRIES.length &&
    IPV4_ENTRIES.every((entry) => acl.entries.some((other) => sameEntry(entry, other)))
  return isUnchanged ? { ...acl, entries: [...acl.entries, ...IPV6_ENTRIES] } : acl
}

/**
 * Every list of a VPC with every subnet that follows it. `stored` are the VPC's rows: the default list is among them
 * only if somebody has changed it, and a subnet that no row names follows the default list.
 */
export const completeNetworkAcls = (
  vpc: VpcRecord,
  stored: readonly NetworkAclRecord[],
  subnets: readonly SubnetRecord[],
): NetworkAclRecord[] => {
  const named = new Set(stored.flatMap((acl) => acl.associations.map(({ subnetId }) => subnetId)))
  const main = stored.find((acl) => acl.isDefault) ?? defaultNetworkAcl(vpc)
  const others = stored.filter((acl) => !acl.isDefault)
  const unnamed = subnets
    .filter(({ id }) => !named.has(id))
    .map(({ id }) => ({ id: `${ASSOCIATION_PREFIX}-${id.slice(SUBNET.prefix.length + 1)}`, subnetId: id }))
  return [{ ...main, associations: [...main.associations, ...unnamed] }, ...others]
}

/** The list without the association of a subnet. */
export const withoutSubnet = (acl: NetworkAclRecord, subnetId: string): NetworkAclRecord => ({
  ...acl,
  associations: acl.associations.filter((association) => association.subnetId !== subnetId),
})

const describeEntry = (entry: NetworkAclEntryRecord): NetworkAclEntry => ({
  ...(entry.cidrIpv4 === undefined ? { Ipv6CidrBlock: entry.cidrIpv6 } : { CidrBlock: entry.cidrIpv4 }),
  Egress: entry.direction === 'egress',
  ...(entry.icmpType === undefined ? {} : { IcmpTypeCode: { Type: entry.icmpType, Code: entry.icmpCode } }),
  ...(entry.fromPort === undefined ? {} : { PortRange: { From: entry.fromPort, To: entry.toPort } }),
  Protocol: entry.protocol,
  RuleAction: entry.action,
  RuleNumber: entry.ruleNumber,
})

/** The last word, which nobody can change: the console shows its number as "*". The second is there with IPv6 only. */
const finalEntries = (direction: NetworkAclEntryRecord['direction'], vpc: VpcRecord): NetworkAclEntryRecord[] => [
  { ruleNumber: 32767, direction, protocol: '-1', action: 'deny', cidrIpv4: ANY_IPV4 },
  ...(hasIpv6(vpc)
    ? [{ ruleNumber: 32768, direction, protocol: '-1', action: 'deny', cidrIpv6: ANY_IPV6 } as const]
    : []),
]

export const describeNetworkAcl = (acl: NetworkAclRecord, vpc: VpcRecord): NetworkAcl => ({
  NetworkAclId: acl.id,
  OwnerId: acl.scope.account,
  VpcId: acl.vpcId,
  IsDefault: acl.isDefault,
  Associations: acl.associations.map(({ id, subnetId }) => ({
    NetworkAclAssociationId: id,
    NetworkAclId: acl.id,
    SubnetId: subnetId,
  })),
  Entries: DIRECTIONS.flatMap((direction) =>
    [...acl.entries.filter((entry) => entry.direction === direction), ...finalEntries(direction, vpc)]
      .toSorted((a, b) => a.ruleNumber - b.ruleNumber)
      .map(describeEntry),
  ),
  Tags: [...acl.tags],
})

/** Filters take names of protocols, entries show numbers: either is found. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' }

type Text = string | number | boolean | undefined

const eachAssociation =
  (member: keyof NetworkAclAssociation) =>
  (acl: NetworkAcl): Text[] =>
    acl.Associations?.map((association) => association[member]) ?? []

const eachEntry =
  (texts: (entry: NetworkAclEntry) => readonly Text[]) =>
  (acl: NetworkAcl): Text[] =>
    acl.Entries?.flatMap(texts) ?? []

export const selectableNetworkAcl: Selectable<NetworkAcl> = {
  kind: NETWORK_ACL,
  idOf: (acl) => acl.NetworkAclId ?? '',
  tagsOf: (acl) => acl.Tags ?? [],
  filters: {
    'association.association-id': eachAssociation('NetworkAclAssociationId'),
    'association.network-acl-id': eachAssociation('NetworkAclId'),
    'association.subnet-id': eachAssociation('SubnetId'),
    default: (acl) => [acl.IsDefault],
    'entry.cidr': eachEntry((entry) => [entry.CidrBlock]),
    'entry.egress': eachEntry((entry) => [entry.Egress]),
    'entry.icmp.code': eachEntry((entry) => [entry.IcmpTypeCode?.Code]),
    'entry.icmp.type': eachEntry((entry) => [entry.IcmpTypeCode?.Type]),
    'entry.ipv6-cidr': eachEntry((entry) => [entry.Ipv6CidrBlock]),
    'entry.port-range.from': eachEntry((entry) => [entry.PortRange?.From]),
    'entry.port-range.to': eachEntry((entry) => [entry.PortRange?.To]),
    'entry.protocol': eachEntry((entry) => [entry.Protocol, PROTOCOL_NAMES[entry.Protocol ?? '']]),
    'entry.rule-action': eachEntry((entry) => [entry.RuleAction]),
    'entry.rule-number': eachEntry((entry) => [entry.RuleNumber]),
    'network-acl-id': (acl) => [acl.NetworkAclId],
    'owner-id': (acl) => [acl.OwnerId],
    'vpc-id': (acl) => [acl.VpcId],
  },
}
