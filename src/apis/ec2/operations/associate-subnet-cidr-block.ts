// Gives a subnet its IPv6 block.

import type { AssociateSubnetCidrBlockRequest, AssociateSubnetCidrBlockResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, missingParameter } from '../errors.ts'
import { SUBNET, VPC } from '../model/resource-kind.ts'
import { describeSubnetBlock, requestedSubnetIpv6Block } from '../model/subnet-block.ts'
import { existing, ofVpc, subnets, vpcs } from '../tables.ts'

export const associateSubnetCidrBlock: Operation<
  AssociateSubnetCidrBlockRequest,
  AssociateSubnetCidrBlockResult
> = async (input, call) => {
  const { scope, random } = call
  const { Ipv6CidrBlock } = input
  if (input.Ipv6IpamPoolId !== undefined) throw ec2Error('UnsupportedOperation', 'IPAM pools are not supported.')
  if (Ipv6CidrBlock === undefined) throw missingParameter('ipv6CidrBlock')
  return call.store.write(async (tx) => {
    const subnet = await existing(tx, subnets, SUBNET, scope, input.SubnetId)
    if ((subnet.ipv6Cidrs ?? []).length > 0) {
      const message = `The subnet '${subnet.id}' has met its maximum number of allowed IPv6 CIDRs: 1`
      throw ec2Error('CidrLimitExceeded', message)
    }
    const vpc = await existing(tx, vpcs, VPC, scope, subnet.vpcId)
    const others = await ofVpc(tx, subnets, scope, vpc.id)
    const association = requestedSubnetIpv6Block(Ipv6CidrBlock, vpc, others, random)
    await tx.put(subnets, { ...subnet, ipv6Cidrs: [association] })
    return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: describeSubnetBlock(association, 'associating') }
  })
}
