// Adds a route by an internet gateway to a route table.

import type { CreateRouteRequest, CreateRouteResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { requestedRoute } from '../model/route.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { ROUTES_PER_TABLE } from '../model/limits.ts'
import { INTERNET_GATEWAY, ROUTE_TABLE } from '../model/resource-kind.ts'
import { existing, internetGateways, routeTables } from '../tables.ts'

export const createRoute: Operation<CreateRouteRequest, CreateRouteResult> = async (input, call) => {
  const { scope } = call
  const route = requestedRoute(input)
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    const gateway = await existing(tx, internetGateways, INTERNET_GATEWAY, scope, route.target)
    if (gateway.vpcId !== table.vpcId) {
      throw invalidParameter(`route table ${table.id} and network gateway ${gateway.id} belong to different networks`)
    }
    if (table.routes.some(({ destinationCidr }) => destinationCidr === route.destinationCidr)) {
      throw ec2Error('RouteAlreadyExists', `The route identified by ${route.destinationCidr} already exists.`)
    }
    if (table.routes.length >= ROUTES_PER_TABLE) {
      throw ec2Error('RouteLimitExceeded', 'The maximum number of routes has been reached.')
    }
    await tx.put(routeTables, { ...table, routes: [...table.routes, route] })
  })
  return { Return: true }
}
