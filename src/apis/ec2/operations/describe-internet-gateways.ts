// Shows internet gateways and what they are attached to.

import type { DescribeInternetGatewaysRequest, DescribeInternetGatewaysResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeInternetGateway, selectableInternetGateway } from '../model/internet-gateway.ts'
import { selection } from '../model/selection.ts'
import { inScope, internetGateways } from '../tables.ts'

export const describeInternetGateways: Operation<
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult
> = async (input, call) => {
  const rows = await call.store.read((reader) => inScope(reader, internetGateways, call.scope))
  const request = { ...input, ids: input.InternetGatewayIds }
  const { items, ...rest } = selection(rows.map(describeInternetGateway), request, selectableInternetGateway)
  return { InternetGateways: items, ...rest }
}
