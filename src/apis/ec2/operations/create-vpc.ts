// Makes a VPC with its main route table and default security group.

import type { CreateVpcRequest, CreateVpcResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidValue, missingParameter } from '../errors.ts'
import { VPCS_PER_REGION } from '../model/limits.ts'
import type { VpcRecord } from '../model/records.ts'
import { VPC } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { describeVpc, newVpc, requestedBlock } from '../model/vpc.ts'
import { describeIpv6Block, withIpv6Block, withLocalRoute } from '../model/vpc-block.ts'
import { inScope, routeTables, securityGroups, takenIpv6Blocks, vpcs } from '../tables.ts'

export const createVpc: Operation<CreateVpcRequest, CreateVpcResult> = async (input, call) => {
  const { scope, random } = call
  checkSupport(input)
  if (input.CidrBlock === undefined) throw missingParameter('cidrBlock')
  const cidr = requestedBlock(input.CidrBlock, 'cidrBlock', 'InvalidVpc.Range')
  const tags = requestedTags(input.TagSpecifications, VPC)
  const made = newVpc({ scope, cidr, isDefault: false, tags, random })
  const vpc = await call.store.write(async (tx) => {
    if ((await inScope(tx, vpcs, scope)).length >= VPCS_PER_REGION) {
      throw ec2Error('VpcLimitExceeded', 'The maximum number of VPCs has been reached.')
    }
    const dedicated: VpcRecord =
      input.InstanceTenancy === 'dedicated' ? { ...made.vpc, instanceTenancy: 'dedicated' } : made.vpc
    const isDual = input.AmazonProvidedIpv6CidrBlock === true
    const row = isDual ? withIpv6Block(dedicated, await takenIpv6Blocks(tx), random).vpc : dedicated
    await tx.put(vpcs, row)
    const table = (row.ipv6Cidrs ?? []).reduce((all, { cidr }) => withLocalRoute(all, cidr), made.routeTable)
    await tx.put(routeTables, table)
    await tx.put(securityGroups, made.securityGroup)
    return row
  })
  // EC2 answers before the VPC is ready, and clients wait for it.
  const blocks = (vpc.ipv6Cidrs ?? []).map((block) => describeIpv6Block(block, vpc, 'associating'))
  return { Vpc: { ...describeVpc(vpc), Ipv6CidrBlockAssociationSet: blocks, State: 'pending' } }
}

const checkSupport = (input: Parameters<typeof createVpc>[0]): void => {
  const { InstanceTenancy } = input
  if (input.Ipv4IpamPoolId !== undefined || input.Ipv6IpamPoolId !== undefined) {
    throw ec2Error('UnsupportedOperation', 'IPAM pools are not supported.')
  }
  if (input.Ipv6Pool !== undefined || input.Ipv6CidrBlock !== undefined) {
    throw ec2Error('UnsupportedOperation', 'IPv6 address blocks of your own are not supported.')
  }
  if (input.VpcEncryptionControl !== undefined) {
    throw ec2Error('UnsupportedOperation', 'VPC encryption controls are not supported.')
  }
  if (InstanceTenancy !== undefined && InstanceTenancy !== 'default' && InstanceTenancy !== 'dedicated') {
    throw invalidValue(InstanceTenancy, 'instanceTenancy', 'It must be default or dedicated.')
  }
}
