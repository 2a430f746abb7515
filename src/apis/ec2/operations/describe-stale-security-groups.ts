// Shows groups whose rules name groups of a peer VPC that are gone: none, as VPCs have no peers here.

import type { DescribeStaleSecurityGroupsRequest, DescribeStaleSecurityGroupsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { VPC } from '../model/resource-kind.ts'
import { existing, vpcs } from '../tables.ts'

export const describeStaleSecurityGroups: Operation<
  DescribeStaleSecurityGroupsRequest,
  DescribeStaleSecurityGroupsResult
> = async (input, call) => {
  await call.store.read((reader) => existing(reader, vpcs, VPC, call.scope, input.VpcId))
  return { StaleSecurityGroupSet: [] }
}
