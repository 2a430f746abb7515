// Makes a subnet in one zone of a VPC.

import type { CreateSubnetRequest, CreateSubnetResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { SUBNETS_PER_VPC } from '../model/limits.ts'
import { SUBNET, VPC } from '../model/resource-kind.ts'
import { describeSubnet, newSubnet, requestedZone } from '../model/subnet.ts'
import { requestedSubnetIpv6Block } from '../model/subnet-block.ts'
import { requestedTags } from '../model/tags.ts'
import { requestedBlock } from '../model/vpc.ts'
import { existing, ofVpc, subnets, vpcs } from '../tables.ts'

export const createSubnet: Operation<CreateSubnetRequest, CreateSubnetResult> = async (input, call) => {
  const { scope, random } = call
  const { Ipv6CidrBlock } = input
  if (input.Ipv6Native === true) throw ec2Error('UnsupportedOperation', 'IPv6-only subnets are not supported.')
  if (input.Ipv4IpamPoolId !== undefined || input.Ipv6IpamPoolId !== undefined) {
    throw ec2Error('UnsupportedOperation', 'IPAM pools are not supported.')
  }
  if (input.OutpostArn !== undefined) throw ec2Error('UnsupportedOperation', 'Outposts are not supported.')
  if (input.CidrBlock === undefined) {
    throw ec2Error('MissingParameter', "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
  }
  const cidr = requestedBlock(input.CidrBlock, 'cidrBlock', 'InvalidSubnet.Range')
  const availabilityZone = requestedZone(scope.region, input.AvailabilityZone, input.AvailabilityZoneId)
  const tags = requestedTags(input.TagSpecifications, SUBNET)
  const subnet = await call.store.write(async (tx) => {
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    const others = await ofVpc(tx, subnets, scope, vpc.id)
    if (others.length >= SUBNETS_PER_VPC) {
      throw ec2Error('SubnetLimitExceeded', 'The maximum number of subnets has been reached.')
    }
    const ipv6Block =
      Ipv6CidrBlock === undefined ? undefined : requestedSubnetIpv6Block(Ipv6CidrBlock, vpc, others, random)
    const created = newSubnet({
      vpc,
      others,
      cidr,
      ...(ipv6Block === undefined ? {} : { ipv6Block }),
      availabilityZone,
      defaultForAz: false,
      tags,
      random,
    })
    await tx.put(subnets, created)
    return created
  })
  return { Subnet: describeSubnet(subnet, 0) }
}
