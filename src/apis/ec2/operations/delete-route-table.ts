// Deletes a route table that no subnet follows.

import type { DeleteRouteTableRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation } from '../errors.ts'
import { ROUTE_TABLE } from '../model/resource-kind.ts'
import { ec2Key, existing, routeTables } from '../tables.ts'

export const deleteRouteTable: Operation<DeleteRouteTableRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    if (table.associations.length > 0) {
      throw dependencyViolation(`The routeTable '${table.id}' has dependencies and cannot be deleted.`)
    }
    await tx.delete(routeTables, ec2Key(scope, table.id))
  })
  return {}
}
