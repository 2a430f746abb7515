// Makes a route table with the VPC's own routes.

import type { CreateRouteTableRequest, CreateRouteTableResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { ROUTE_TABLES_PER_VPC } from '../model/limits.ts'
import { ROUTE_TABLE, VPC } from '../model/resource-kind.ts'
import { describeRouteTable, newRouteTable } from '../model/route-table.ts'
import { requestedTags } from '../model/tags.ts'
import { existing, ofVpc, routeTables, vpcs } from '../tables.ts'

export const createRouteTable: Operation<CreateRouteTableRequest, CreateRouteTableResult> = async (input, call) => {
  const { scope } = call
  const tags = requestedTags(input.TagSpecifications, ROUTE_TABLE)
  const table = await call.store.write(async (tx) => {
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    if ((await ofVpc(tx, routeTables, scope, vpc.id)).length >= ROUTE_TABLES_PER_VPC) {
      throw ec2Error('RouteTableLimitExceeded', 'The maximum number of route tables has been reached.')
    }
    const created = { ...newRouteTable(vpc, call.random), tags }
    await tx.put(routeTables, created)
    return created
  })
  return { RouteTable: describeRouteTable(table, new Set()) }
}
