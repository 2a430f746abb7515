// Shows the peer VPCs whose groups name these groups: none, as VPCs have no peers here.

import type { DescribeSecurityGroupReferencesRequest, DescribeSecurityGroupReferencesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { SECURITY_GROUP } from '../model/resource-kind.ts'
import { existing, securityGroups } from '../tables.ts'

export const describeSecurityGroupReferences: Operation<
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupReferencesResult
> = async (input, call) => {
  await call.store.read(async (reader) => {
    for (const id of input.GroupId) await existing(reader, securityGroups, SECURITY_GROUP, call.scope, id)
  })
  return { SecurityGroupReferenceSet: [] }
}
