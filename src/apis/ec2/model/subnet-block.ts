// The IPv6 block of a subnet: which it may be, and how EC2 shows it. Pure.

import type { SubnetIpv6CidrBlockAssociation } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidValue } from '../errors.ts'
import { cidrContains, cidrsOverlap, cidrText, knownCidr, parseCidr } from './cidr.ts'
import { LARGEST_IPV6_SUBNET_PREFIX, SMALLEST_IPV6_SUBNET_PREFIX } from './limits.ts'
import type { CidrAssociation, SubnetRecord, VpcRecord } from './records.ts'

const ASSOCIATION_PREFIX = 'subnet-cidr-assoc'

/** A block inside of the VPC's and beside the other subnets', or EC2's refusal. */
export const requestedSubnetIpv6Block = (
  text: string,
  vpc: VpcRecord,
  others: readonly SubnetRecord[],
  random: Random,
): CidrAssociation => {
  const cidr = parseCidr(text)
  if (cidr?.family !== 6) throw invalidValue(text, 'ipv6CidrBlock', 'This is not a valid IPv6 CIDR block.')
  const known = cidrText(cidr)
  const isSized =
    cidr.prefix >= LARGEST_IPV6_SUBNET_PREFIX && cidr.prefix <= SMALLEST_IPV6_SUBNET_PREFIX && cidr.prefix % 4 === 0
  if (!isSized || !(vpc.ipv6Cidrs ?? []).some((block) => cidrContains(knownCidr(block.cidr), cidr))) {
    throw ec2Error('InvalidSubnet.Range', `The CIDR '${known}' is invalid.`)
  }
  const taken = others.flatMap((other) => other.ipv6Cidrs ?? [])
  if (taken.some((block) => cidrsOverlap(knownCidr(block.cidr), cidr))) {
    throw ec2Error('InvalidSubnet.Conflict', `The CIDR '${known}' conflicts with another subnet`)
  }
  return { id: newEc2Id(ASSOCIATION_PREFIX, random), cidr: known }
}

export const describeSubnetBlock = (
  { id, cidr }: CidrAssociation,
  State: 'associating' | 'associated' | 'disassociating' = 'associated',
): SubnetIpv6CidrBlockAssociation => ({
  AssociationId: id,
  Ipv6CidrBlock: cidr,
  Ipv6CidrBlockState: { State },
  Ipv6AddressAttribute: 'public',
  IpSource: 'amazon',
})
