// Shows network ACLs with their rules and the subnets that follow them.

import type { DescribeNetworkAclsRequest, DescribeNetworkAclsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeNetworkAcl, selectableNetworkAcl } from '../model/network-acl.ts'
import { selection } from '../model/selection.ts'
import { networkAclsInScope } from '../network-acls.ts'

export const describeNetworkAcls: Operation<DescribeNetworkAclsRequest, DescribeNetworkAclsResult> = async (
  input,
  call,
) => {
  const rows = await call.store.read((reader) => networkAclsInScope(reader, call.scope))
  const described = rows.map(({ acl, vpc }) => describeNetworkAcl(acl, vpc))
  const { items, ...rest } = selection(described, { ...input, ids: input.NetworkAclIds }, selectableNetworkAcl)
  return { NetworkAcls: items, ...rest }
}
