// Shows the security groups that interfaces of a VPC can be in.

import type { GetSecurityGroupsForVpcRequest, GetSecurityGroupsForVpcResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { VPC } from '../model/resource-kind.ts'
import { selectableGroupForVpc } from '../model/security-group.ts'
import { selection } from '../model/selection.ts'
import { existing, ofVpc, securityGroups, vpcs } from '../tables.ts'

export const getSecurityGroupsForVpc: Operation<GetSecurityGroupsForVpcRequest, GetSecurityGroupsForVpcResult> = async (
  input,
  call,
) => {
  const rows = await call.store.read(async (reader) => {
    const vpc = await existing(reader, vpcs, VPC, call.scope, input.VpcId)
    return ofVpc(reader, securityGroups, call.scope, vpc.id)
  })
  const described = rows.map((group) => ({
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: group.scope.account,
    PrimaryVpcId: group.vpcId,
    Tags: [...group.tags],
  }))
  const { items, ...rest } = selection(described, input, selectableGroupForVpc)
  return { SecurityGroupForVpcs: items, ...rest }
}
