// The address blocks of a VPC that come and go after it was made: which may come, and how EC2 shows them. Pure.
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)

import type { VpcCidrBlockAssociation, VpcIpv6CidrBlockAssociation } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { ec2Error } from '../errors.ts'
import { addressAt, type Cidr, cidrContains, cidrsOverlap, cidrText, knownCidr } from './cidr.ts'
import { BLOCKS_PER_VPC } from './limits.ts'
import type { CidrAssociation, RouteRecord, RouteTableRecord, VpcRecord } from './records.ts'
import { VPC } from './resource-kind.ts'

const ASSOCIATION_PREFIX = 'vpc-cidr-assoc'

/**
 * The block of RFC 3849, for documentation: no router on the Internet takes it, so an address of ours hides nobody's
 * real one and no packet for it can get anywhere. It is not a unique local block (fc00::/7), because programs prefer
 * IPv4 to those (RFC 6724, 10.6) and would never use the IPv6 of a dual-stack VPC.
 */
export const IPV6_POOL = '2001:db8::/32'
/** The size of what Amazon provides. */
const IPV6_BLOCK_PREFIX = 56
const IPV6_BLOCKS = 1 << (IPV6_BLOCK_PREFIX - 32)

const ipv6Block = (index: number): string => {
  const base = addressAt(knownCidr(IPV6_POOL), BigInt(index) << BigInt(128 - IPV6_BLOCK_PREFIX))
  return `${base}/${IPV6_BLOCK_PREFIX}`
}

/** The /56 whose number is in the VPC's id, or the next free one up. `taken`: in all accounts and regions. */
const freeIpv6Block = (vpcId: string, taken: ReadonlySet<string>): string => {
  const first = Number.parseInt(vpcId.slice(-6), 16)
  for (let tried = 0; tried < IPV6_BLOCKS; tried++) {
    const block = ipv6Block((first + tried) % IPV6_BLOCKS)
    if (!taken.has(block)) return block
  }
  throw ec2Error('InsufficientCidrBlocks', 'There are no free IPv6 address blocks.')
}

/** Ids of the blocks a VPC was made with follow from the VPC's: nobody needs to remember them. */
const associationId = (vpc: VpcRecord, cidr: string, index: number): string => {
  const hex = vpc.id.slice(VPC.prefix.length + 1)
  const known = vpc.cidrAssociations?.find((association) => association.cidr === cidr)
  return known?.id ?? `${ASSOCIATION_PREFIX}-${hex.slice(index)}${hex.slice(0, index)}`
}

/** The IPv4 blocks of a VPC with their ids; the first is the one it was made with, which stays. */
export const ipv4Associations = (vpc: VpcRecord): CidrAssociation[] =>
  vpc.cidrs.map((cidr, index) => ({ id: associationId(vpc, cidr, index), cidr }))

export const describeIpv4Block = (
  { id, cidr }: CidrAssociation,
  State: 'associating' | 'associated' | 'disassociating' = 'associated',
): VpcCidrBlockAssociation => ({ AssociationId: id, CidrBlock: cidr, CidrBlockState: { State } })

export const describeIpv6Block = (
  { id, cidr }: CidrAssociation,
  vpc: VpcRecord,
  State: 'associating' | 'associated' | 'disassociating' = 'associated',
): VpcIpv6CidrBlockAssociation => ({
  AssociationId: id,
  Ipv6CidrBlock: cidr,
  Ipv6CidrBlockState: { State },
  NetworkBorderGroup: vpc.scope.region,
  Ipv6Pool: 'Amazon',
  Ipv6AddressAttribute: 'public',
  IpSource: 'amazon',
})

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(knownCidr)

/** What cannot be added to a VPC whose first block is in that range, besides the private ranges that it is not in. */
const RESTRICTED: readonly { readonly range: Cidr; readonly not: readonly Cidr[] }[] = [
  { range: knownCidr('172.16.0.0/12'), not: [knownCidr('172.31.0.0/16')] },
  { range: knownCidr('169.254.0.0/16'), not: [knownCidr('169.254.0.0/16')] },
]
const NEVER = knownCidr('198.19.0.0/16')
/** A VPC with a block in the first cannot have one in the second. */
const LOW = { has: knownCidr('10.0.0.0/15'), not: knownCidr('10.0.0.0/16') }

const isRestricted = (vpc: VpcRecord, block: Cidr): boolean => {
  const blocks = vpc.cidrs.map(knownCidr)
  const own = PRIVATE.find((range) => blocks.slice(0, 1).some((first) => cidrContains(range, first)))
  const isForeignPrivate = PRIVATE.some((range) => range !== own && cidrsOverlap(range, block))
  const isLow = blocks.some((each) => cidrContains(LOW.has, each)) && cidrsOverlap(LOW.not, block)
  const isListed = RESTRICTED.some(
    ({ range, not }) =>
      blocks.some((each) => cidrContains(range, each)) && not.some((each) => cidrsOverlap(each, block)),
  )
  return isForeignPrivate || isLow || isListed || cidrsOverlap(NEVER, block)
}

const checkCount = (vpc: VpcRecord, count: number): void => {
  if (count < BLOCKS_PER_VPC) return
  const message = `This network '${vpc.id}' has met its maximum number of allowed CIDRs: ${BLOCKS_PER_VPC}`
  throw ec2Error('CidrLimitExceeded', message)
}

/** The VPC with one more IPv4 block, or EC2's refusal. `tables`: the VPC's route tables. */
export const withIpv4Block = (
  vpc: VpcRecord,
  block: Cidr,
  tables: readonly RouteTableRecord[],
  random: Random,
): { readonly vpc: VpcRecord; readonly association: CidrAssociation } => {
  const cidr = cidrText(block)
  if (vpc.cidrs.some((other) => cidrsOverlap(knownCidr(other), block))) {
    throw ec2Error('CidrConflict', `The CIDR '${cidr}' conflicts with another CIDR block of the VPC ${vpc.id}`)
  }
  if (isRestricted(vpc, block)) {
    throw ec2Error(
      'InvalidVpc.Range',
      `The CIDR '${cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or ` +
        'use a publicly-routable CIDR. For additional restrictions, see ' +
        'https://docs.aws.amazon.com/AmazonVPC/latest/UserGuide/VPC_Subnets.html#VPC_Sizing',
    )
  }
  const isHiding = (route: RouteRecord): boolean =>
    route.target !== 'local' &&
    route.destinationCidr !== undefined &&
    cidrContains(block, knownCidr(route.destinationCidr))
  const hiding = tables.find((table) => table.routes.some(isHiding))
  if (hiding !== undefined) {
    throw ec2Error('CidrConflict', `The CIDR '${cidr}' conflicts with a route in route table ${hiding.id}`)
  }
  checkCount(vpc, vpc.cidrs.length)
  const association = { id: newEc2Id(ASSOCIATION_PREFIX, random), cidr }
  const cidrAssociations = [...(vpc.cidrAssociations ?? []), association]
  return { vpc: { ...vpc, cidrs: [...vpc.cidrs, cidr], cidrAssociations }, association }
}

/** The VPC with one more block that Amazon provides. `taken`: the blocks of all VPCs of this instance. */
export const withIpv6Block = (
  vpc: VpcRecord,
  taken: ReadonlySet<string>,
  random: Random,
): { readonly vpc: VpcRecord; readonly association: CidrAssociation } => {
  const before = vpc.ipv6Cidrs ?? []
  checkCount(vpc, before.length)
  const association = { id: newEc2Id(ASSOCIATION_PREFIX, random), cidr: freeIpv6Block(vpc.id, taken) }
  return { vpc: { ...vpc, ipv6Cidrs: [...before, association] }, association }
}

export const withoutIpv4Block = (vpc: VpcRecord, { id, cidr }: CidrAssociation): VpcRecord => ({
  ...vpc,
  cidrs: vpc.cidrs.filter((other) => other !== cidr),
  cidrAssociations: (vpc.cidrAssociations ?? []).filter((other) => other.id !== id),
})

export const withoutIpv6Block = (vpc: VpcRecord, { id }: CidrAssociation): VpcRecord => ({
  ...vpc,
  ipv6Cidrs: (vpc.ipv6Cidrs ?? []).filter((other) => other.id !== id),
})

const localRoute = (cidr: string): RouteRecord =>
  cidr.includes(':') ? { destinationIpv6Cidr: cidr, target: 'local' } : { destinationCidr: cidr, target: 'local' }

export const withLocalRoute = (table: RouteTableRecord, cidr: string): RouteTableRecord => ({
  ...table,
  routes: [...table.routes, localRoute(cidr)],
})

export const withoutLocalRoute = (table: RouteTableRecord, cidr: string): RouteTableRecord => ({
  ...table,
  routes: table.routes.filter(
    (route) => route.target !== 'local' || (route.destinationCidr !== cidr && route.destinationIpv6Cidr !== cidr),
  ),
})
