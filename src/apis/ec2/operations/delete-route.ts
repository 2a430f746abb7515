// Takes a route out of a route table.

import type { DeleteRouteRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { ROUTE_TABLE } from '../model/resource-kind.ts'
import { requestedDestination } from '../model/route.ts'
import { existing, routeTables } from '../tables.ts'

export const deleteRoute: Operation<DeleteRouteRequest, {}> = async (input, call) => {
  const destination = requestedDestination(input)
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, call.scope, input.RouteTableId)
    const route = table.routes.find(({ destinationCidr }) => destinationCidr === destination)
    if (route === undefined) {
      const message = `no route with destination-cidr-block ${destination} in route table ${table.id}`
      throw ec2Error('InvalidRoute.NotFound', message)
    }
    if (route.target === 'local') {
      throw invalidParameter(`cannot remove local route ${destination} in route table ${table.id}`)
    }
    await tx.put(routeTables, { ...table, routes: table.routes.filter((other) => other !== route) })
  })
  return {}
}
