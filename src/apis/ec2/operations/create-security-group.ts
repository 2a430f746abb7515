// Makes a security group that lets nothing in and everything out.

import type { CreateSecurityGroupRequest, CreateSecurityGroupResult } from '@aws-sdk/client-ec2'
import { ec2Arn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { SECURITY_GROUPS_PER_REGION } from '../model/limits.ts'
import { SECURITY_GROUP, VPC } from '../model/resource-kind.ts'
import { newSecurityGroup } from '../model/security-group.ts'
import { requestedTags } from '../model/tags.ts'
import { defaultVpc, existing, inScope, securityGroups, vpcs } from '../tables.ts'

export const createSecurityGroup: Operation<CreateSecurityGroupRequest, CreateSecurityGroupResult> = async (
  input,
  call,
) => {
  const { scope, random } = call
  const tags = requestedTags(input.TagSpecifications, SECURITY_GROUP)
  const group = await call.store.write(async (tx) => {
    const vpc =
      input.VpcId === undefined ? await defaultVpc(tx, scope) : await existing(tx, vpcs, VPC, scope, input.VpcId)
    if (vpc === undefined) throw ec2Error('VPCIdNotSpecified', 'No default VPC for this user')
    const created = newSecurityGroup({ vpc, name: input.GroupName, description: input.Description, tags, random })
    const others = await inScope(tx, securityGroups, scope)
    if (others.some((other) => other.vpcId === vpc.id && other.name === created.name)) {
      const message = `The security group '${created.name}' already exists for VPC '${vpc.id}'`
      throw ec2Error('InvalidGroup.Duplicate', message)
    }
    if (others.length >= SECURITY_GROUPS_PER_REGION) {
      throw ec2Error('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.')
    }
    await tx.put(securityGroups, created)
    return created
  })
  return {
    GroupId: group.id,
    SecurityGroupArn: ec2Arn(scope, 'security-group', group.id),
    Tags: [...group.tags],
  }
}
