// A subnet: what may be its address block and zone, and how EC2 shows it. Pure.

import type { Subnet, Tag } from '@aws-sdk/client-ec2'
import { ec2Arn, newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidValue } from '../errors.ts'
import { type Cidr, cidrContains, cidrsOverlap, cidrText, knownCidr } from './cidr.ts'
import { usableAddressCount } from './interface-plan.ts'
import type { CidrAssociation, SubnetRecord, VpcRecord } from './records.ts'
import { SUBNET } from './resource-kind.ts'
import type { Selectable } from './selection.ts'
import { describeSubnetBlock } from './subnet-block.ts'
import { blocksOf } from './vpc.ts'
import { zoneId, zoneNames } from './zone.ts'

/** The zone a caller named, by name or id; the first one when none was. */
export const requestedZone = (region: string, name: string | undefined, id: string | undefined): string => {
  const zones = zoneNames(region)
  const [text, parameter] = name === undefined ? [id, 'availabilityZoneId'] : [name, 'availabilityZone']
  if (text === undefined) return zones[0]!
  const found = zones.find((zone) => (name === undefined ? zoneId(zone) === id : zone === name))
  if (found !== undefined) return found
  const known = name === undefined ? zones.map(zoneId) : zones
  const why = `Subnets can currently only be created in the following availability zones: ${known.join(', ')}.`
  throw invalidValue(text, parameter, why)
}

/** A new subnet, or EC2's refusal of a block that lies outside of the VPC or over another subnet. */
export const newSubnet = (wish: {
  readonly vpc: VpcRecord
  readonly others: readonly SubnetRecord[]
  readonly cidr: Cidr
  readonly ipv6Block?: CidrAssociation
  readonly availabilityZone: string
  readonly defaultForAz: boolean
  readonly tags: readonly Tag[]
  readonly random: Random
}): SubnetRecord => {
  const text = cidrText(wish.cidr)
  if (!blocksOf(wish.vpc).some((block) => cidrContains(block, wish.cidr))) {
    throw ec2Error('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`)
  }
  if (wish.others.some((other) => cidrsOverlap(knownCidr(other.cidr), wish.cidr))) {
    throw ec2Error('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`)
  }
  return {
    id: newEc2Id(SUBNET.prefix, wish.random),
    scope: wish.vpc.scope,
    vpcId: wish.vpc.id,
    cidr: text,
    ...(wish.ipv6Block === undefined ? {} : { ipv6Cidrs: [wish.ipv6Block] }),
    availabilityZone: wish.availabilityZone,
    mapPublicIpOnLaunch: wish.defaultForAz,
    defaultForAz: wish.defaultForAz,
    tags: wish.tags,
  }
}

/** `interfaces`: how many of the subnet's addresses are in use. */
export const describeSubnet = (subnet: SubnetRecord, interfaces: number): Subnet => ({
  SubnetId: subnet.id,
  SubnetArn: ec2Arn(subnet.scope, 'subnet', subnet.id),
  OwnerId: subnet.scope.account,
  VpcId: subnet.vpcId,
  State: 'available',
  CidrBlock: subnet.cidr,
  AvailableIpAddressCount: usableAddressCount(subnet.cidr) - interfaces,
  AvailabilityZone: subnet.availabilityZone,
  AvailabilityZoneId: zoneId(subnet.availabilityZone),
  DefaultForAz: subnet.defaultForAz,
  MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
  MapCustomerOwnedIpOnLaunch: false,
  AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation ?? false,
  Ipv6CidrBlockAssociationSet: (subnet.ipv6Cidrs ?? []).map((association) => describeSubnetBlock(association)),
  EnableDns64: subnet.enableDns64 ?? false,
  Ipv6Native: subnet.ipv6Native ?? false,
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: subnet.hostnameType ?? 'ip-name',
    EnableResourceNameDnsARecord: subnet.enableResourceNameDnsARecord ?? false,
    EnableResourceNameDnsAAAARecord: subnet.enableResourceNameDnsAAAARecord ?? false,
  },
  Tags: [...subnet.tags],
})

const zoneName = (subnet: Subnet): [string | undefined] => [subnet.AvailabilityZone]
const block = (subnet: Subnet): [string | undefined] => [subnet.CidrBlock]
const none = (): [] => []

export const selectableSubnet: Selectable<Subnet> = {
  kind: SUBNET,
  idOf: (subnet) => subnet.SubnetId ?? '',
  tagsOf: (subnet) => subnet.Tags ?? [],
  filters: {
    'availability-zone': zoneName,
    availabilityZone: zoneName,
    'availability-zone-id': (subnet) => [subnet.AvailabilityZoneId],
    availabilityZoneId: (subnet) => [subnet.AvailabilityZoneId],
    'available-ip-address-count': (subnet) => [subnet.AvailableIpAddressCount],
    'cidr-block': block,
    cidr: block,
    cidrBlock: block,
    'customer-owned-ipv4-pool': none,
    'default-for-az': (subnet) => [subnet.DefaultForAz],
    defaultForAz: (subnet) => [subnet.DefaultForAz],
    'enable-dns64': (subnet) => [subnet.EnableDns64],
    'enable-lni-at-device-index': none,
    'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) =>
      subnet.Ipv6CidrBlockAssociationSet?.map((each) => each.Ipv6CidrBlock) ?? [],
    'ipv6-cidr-block-association.association-id': (subnet) =>
      subnet.Ipv6CidrBlockAssociationSet?.map((each) => each.AssociationId) ?? [],
    'ipv6-cidr-block-association.state': (subnet) =>
      subnet.Ipv6CidrBlockAssociationSet?.map((each) => each.Ipv6CidrBlockState?.State) ?? [],
    'ipv6-native': (subnet) => [subnet.Ipv6Native],
    'map-customer-owned-ip-on-launch': (subnet) => [subnet.MapCustomerOwnedIpOnLaunch],
    'map-public-ip-on-launch': (subnet) => [subnet.MapPublicIpOnLaunch],
    'outpost-arn': none,
    'owner-id': (subnet) => [subnet.OwnerId],
    'private-dns-name-options-on-launch.hostname-type': (subnet) => [
      subnet.PrivateDnsNameOptionsOnLaunch?.HostnameType,
    ],
    'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': (subnet) => [
      subnet.PrivateDnsNameOptionsOnLaunch?.EnableResourceNameDnsARecord,
    ],
    'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': (subnet) => [
      subnet.PrivateDnsNameOptionsOnLaunch?.EnableResourceNameDnsAAAARecord,
    ],
    state: (subnet) => [subnet.State],
    'subnet-arn': (subnet) => [subnet.SubnetArn],
    'subnet-id': (subnet) => [subnet.SubnetId],
    'vpc-id': (subnet) => [subnet.VpcId],
  },
}
