// Shows egress-only internet gateways and their VPCs.

import type {
  DescribeEgressOnlyInternetGatewaysRequest,
  DescribeEgressOnlyInternetGatewaysResult,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import {
  describeEgressOnlyInternetGateway,
  selectableEgressOnlyInternetGateway,
} from '../model/egress-only-internet-gateway.ts'
import { selection } from '../model/selection.ts'
import { egressOnlyInternetGateways, inScope } from '../tables.ts'

export const describeEgressOnlyInternetGateways: Operation<
  DescribeEgressOnlyInternetGatewaysRequest,
  DescribeEgressOnlyInternetGatewaysResult
> = async (input, call) => {
  const rows = await call.store.read((reader) => inScope(reader, egressOnlyInternetGateways, call.scope))
  const request = { ...input, ids: input.EgressOnlyInternetGatewayIds }
  const described = rows.map(describeEgressOnlyInternetGateway)
  const { items, ...rest } = selection(described, request, selectableEgressOnlyInternetGateway)
  return { EgressOnlyInternetGateways: items, ...rest }
}
