// Shows VPC endpoints.

import type { DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { selection } from '../model/selection.ts'
import { describeVpcEndpoint, selectableVpcEndpoint } from '../model/vpc-endpoint.ts'
import { endpointInterfaces, inScope, securityGroups, vpcEndpoints } from '../tables.ts'

export const describeVpcEndpoints: Operation<DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult> = async (
  input,
  call,
) => {
  const { rows, groups, interfaces } = await call.store.read(async (reader) => ({
    rows: await inScope(reader, vpcEndpoints, call.scope),
    groups: await inScope(reader, securityGroups, call.scope),
    interfaces: await endpointInterfaces(reader, call.scope),
  }))
  const named = groups.map(({ id, name }) => ({ GroupId: id, GroupName: name }))
  const described = rows.map((row) => describeVpcEndpoint(row, named, interfaces))
  const { items, ...rest } = selection(described, { ...input, ids: input.VpcEndpointIds }, selectableVpcEndpoint)
  return { VpcEndpoints: items, ...rest }
}
