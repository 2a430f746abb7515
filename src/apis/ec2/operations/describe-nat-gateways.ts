// Shows NAT gateways, those that are gone for an hour longer.

import type { DescribeNatGatewaysRequest, DescribeNatGatewaysResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeNatGateway, isShown, selectableNatGateway } from '../model/nat-gateway.ts'
import { selection } from '../model/selection.ts'
import { inScope, natGateways } from '../tables.ts'

export const describeNatGateways: Operation<DescribeNatGatewaysRequest, DescribeNatGatewaysResult> = async (
  input,
  call,
) => {
  const rows = await call.store.read((reader) => inScope(reader, natGateways, call.scope))
  const shown = rows.filter((row) => isShown(row, call.clock.now()))
  const request = { ...input, Filters: input.Filter, ids: input.NatGatewayIds }
  const { items, ...rest } = selection(shown.map(describeNatGateway), request, selectableNatGateway)
  return { NatGateways: items, ...rest }
}
