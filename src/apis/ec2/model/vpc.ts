// A VPC: how a new one looks, what may be its address block, and how EC2 shows it. Pure.

import type { Tag, Vpc } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidValue } from '../errors.ts'
import { type Cidr, cidrText, knownCidr, parseCidr } from './cidr.ts'
import { dhcpOptionsIdOf } from './dhcp-options.ts'
import { LARGEST_BLOCK_PREFIX, SMALLEST_BLOCK_PREFIX } from './limits.ts'
import type { RouteTableRecord, SecurityGroupRecord, VpcRecord } from './records.ts'
import { VPC } from './resource-kind.ts'
import { newMainRouteTable } from './route-table.ts'
import { defaultSecurityGroup } from './security-group.ts'
import type { Selectable } from './selection.ts'
import { describeIpv4Block, describeIpv6Block, ipv4Associations } from './vpc-block.ts'

/** A block that a caller gave, or EC2's refusal. IPv4 only: an IPv6 block has a parameter of its own. */
export const requestedBlock = (text: string, parameter: string, outOfRange: string): Cidr => {
  const cidr = parseCidr(text)
  if (cidr === undefined || cidr.family !== 4) throw invalidValue(text, parameter, 'This is not a valid CIDR block.')
  if (cidr.prefix < LARGEST_BLOCK_PREFIX || cidr.prefix > SMALLEST_BLOCK_PREFIX) {
    throw ec2Error(outOfRange, `The CIDR '${text}' is invalid.`)
  }
  return cidr
}

/** What comes into being with every VPC. */
export interface NewVpc {
  readonly vpc: VpcRecord
  readonly routeTable: RouteTableRecord
  readonly securityGroup: SecurityGroupRecord
}

export const newVpc = (wish: {
  readonly scope: Scope
  readonly cidr: Cidr
  readonly isDefault: boolean
  readonly tags: readonly Tag[]
  readonly random: Random
}): NewVpc => {
  const { scope, isDefault, tags, random } = wish
  const vpc: VpcRecord = {
    id: newEc2Id(VPC.prefix, random),
    scope,
    cidrs: [cidrText(wish.cidr)],
    isDefault,
    enableDnsSupport: true,
    // https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html: only default VPCs start with host names.
    enableDnsHostnames: isDefault,
    tags,
  }
  return {
    vpc,
    routeTable: newMainRouteTable(vpc, random),
    securityGroup: defaultSecurityGroup(vpc, random),
  }
}

export const describeVpc = (vpc: VpcRecord): Vpc => ({
  VpcId: vpc.id,
  OwnerId: vpc.scope.account,
  State: 'available',
  CidrBlock: vpc.cidrs[0],
  CidrBlockAssociationSet: ipv4Associations(vpc).map((association) => describeIpv4Block(association)),
  Ipv6CidrBlockAssociationSet: (vpc.ipv6Cidrs ?? []).map((association) => describeIpv6Block(association, vpc)),
  DhcpOptionsId: dhcpOptionsIdOf(vpc),
  InstanceTenancy: vpc.instanceTenancy ?? 'default',
  IsDefault: vpc.isDefault,
  Tags: [...vpc.tags],
})

export const selectableVpc: Selectable<Vpc> = {
  kind: VPC,
  idOf: (vpc) => vpc.VpcId ?? '',
  tagsOf: (vpc) => vpc.Tags ?? [],
  filters: {
    cidr: (vpc) => [vpc.CidrBlock],
    'cidr-block-association.cidr-block': (vpc) => vpc.CidrBlockAssociationSet?.map((block) => block.CidrBlock) ?? [],
    'cidr-block-association.association-id': (vpc) =>
      vpc.CidrBlockAssociationSet?.map((block) => block.AssociationId) ?? [],
    'cidr-block-association.state': (vpc) =>
      vpc.CidrBlockAssociationSet?.map((block) => block.CidrBlockState?.State) ?? [],
    'dhcp-options-id': (vpc) => [vpc.DhcpOptionsId],
    'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) =>
      vpc.Ipv6CidrBlockAssociationSet?.map((block) => block.Ipv6CidrBlock) ?? [],
    'ipv6-cidr-block-association.ipv6-pool': (vpc) =>
      vpc.Ipv6CidrBlockAssociationSet?.map((block) => block.Ipv6Pool) ?? [],
    'ipv6-cidr-block-association.association-id': (vpc) =>
      vpc.Ipv6CidrBlockAssociationSet?.map((block) => block.AssociationId) ?? [],
    'ipv6-cidr-block-association.state': (vpc) =>
      vpc.Ipv6CidrBlockAssociationSet?.map((block) => block.Ipv6CidrBlockState?.State) ?? [],
    'is-default': (vpc) => [vpc.IsDefault],
    isDefault: (vpc) => [vpc.IsDefault],
    'owner-id': (vpc) => [vpc.OwnerId],
    state: (vpc) => [vpc.State],
    'vpc-id': (vpc) => [vpc.VpcId],
  },
}

/** The address blocks of a VPC, the first being the one it was made with. */
export const blocksOf = (vpc: VpcRecord): Cidr[] => vpc.cidrs.map(knownCidr)
