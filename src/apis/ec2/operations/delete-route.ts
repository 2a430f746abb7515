// Takes a route out of a route table.

import type { DeleteRouteRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { ROUTE_TABLE } from '../model/resource-kind.ts'
import { destinationName, destinationText, LOCAL, requestedDestination, sameDestination } from '../model/route.ts'
import { existing, routeTables } from '../tables.ts'

export const deleteRoute: Operation<DeleteRouteRequest, {}> = async (input, call) => {
  const destination = requestedDestination(input)
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, call.scope, input.RouteTableId)
    const route = table.routes.find((each) => sameDestination(each, destination))
    if (route === undefined) {
      const message = `no route with ${destinationName(destination)} in route table ${table.id}`
      throw ec2Error('InvalidRoute.NotFound', message)
    }
    const text = destinationText(route)
    if (route.target === LOCAL) throw invalidParameter(`cannot remove local route ${text} in route table ${table.id}`)
    if (route.target.startsWith('vpce-')) {
      throw invalidParameter(`cannot remove VPC endpoint route ${text} in route table ${table.id}`)
    }
    await tx.put(routeTables, { ...table, routes: table.routes.filter((other) => other !== route) })
  })
  return {}
}
