// Makes a VPC with its main route table and default security group.

import type { CreateVpcRequest, CreateVpcResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, missingParameter } from '../errors.ts'
import { VPCS_PER_REGION } from '../model/limits.ts'
import { VPC } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { describeVpc, newVpc, requestedBlock } from '../model/vpc.ts'
import { inScope, routeTables, securityGroups, vpcs } from '../tables.ts'

export const createVpc: Operation<CreateVpcRequest, CreateVpcResult> = async (input, call) => {
  const { scope, random } = call
  if (input.AmazonProvidedIpv6CidrBlock === true || input.Ipv6CidrBlock !== undefined) {
    throw ec2Error('UnsupportedOperation', 'IPv6 address blocks are not supported.')
  }
  if (input.CidrBlock === undefined) throw missingParameter('cidrBlock')
  const cidr = requestedBlock(input.CidrBlock, 'cidrBlock', 'InvalidVpc.Range')
  const tags = requestedTags(input.TagSpecifications, VPC)
  const { vpc, routeTable, securityGroup } = newVpc({ scope, cidr, isDefault: false, tags, random })
  await call.store.write(async (tx) => {
    if ((await inScope(tx, vpcs, scope)).length >= VPCS_PER_REGION) {
      throw ec2Error('VpcLimitExceeded', 'The maximum number of VPCs has been reached.')
    }
    await tx.put(vpcs, vpc)
    await tx.put(routeTables, routeTable)
    await tx.put(securityGroups, securityGroup)
  })
  // EC2 answers before the VPC is ready, and clients wait for it.
  return { Vpc: { ...describeVpc(vpc), State: 'pending' } }
}
