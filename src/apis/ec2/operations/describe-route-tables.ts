// Shows route tables with their routes and associations.

import type { DescribeRouteTablesRequest, DescribeRouteTablesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeRouteTable, selectableRouteTable } from '../model/route-table.ts'
import { selection } from '../model/selection.ts'
import { liveRouteTargets } from '../route-targets.ts'
import { inScope, routeTables } from '../tables.ts'

export const describeRouteTables: Operation<DescribeRouteTablesRequest, DescribeRouteTablesResult> = async (
  input,
  call,
) => {
  const { rows, live } = await call.store.read(async (reader) => ({
    rows: await inScope(reader, routeTables, call.scope),
    live: await liveRouteTargets(reader, call.scope),
  }))
  const described = rows.map((row) => describeRouteTable(row, live.get(row.vpcId) ?? new Set()))
  const { items, ...rest } = selection(described, { ...input, ids: input.RouteTableIds }, selectableRouteTable)
  return { RouteTables: items, ...rest }
}
