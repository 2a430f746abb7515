// Deletes a route table that no subnet follows.

import type { DeleteRouteTableRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation } from '../errors.ts'
import { ROUTE_TABLE } from '../model/resource-kind.ts'
import { ec2Key, existing, ofVpc, routeTables, vpcEndpoints } from '../tables.ts'

export const deleteRouteTable: Operation<DeleteRouteTableRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    if (table.associations.length > 0) {
      throw dependencyViolation(`The routeTable '${table.id}' has dependencies and cannot be deleted.`)
    }
    for (const endpoint of await ofVpc(tx, vpcEndpoints, scope, table.vpcId)) {
      const routeTableIds = endpoint.routeTableIds.filter((id) => id !== table.id)
      if (routeTableIds.length < endpoint.routeTableIds.length)
        await tx.put(vpcEndpoints, { ...endpoint, routeTableIds })
    }
    await tx.delete(routeTables, ec2Key(scope, table.id))
  })
  return {}
}
