// Adds a route to a route table.

import type { CreateRouteRequest, CreateRouteResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { existingPrefixList } from '../managed-prefix-lists.ts'
import { ROUTES_PER_TABLE } from '../model/limits.ts'
import { ROUTE_TABLE, VPC } from '../model/resource-kind.ts'
import { allowedRouteTable } from '../model/route-table.ts'
import { checkRoute, destinationText, requestedDestination, requestedTarget, sameDestination } from '../model/route.ts'
import { routeTarget } from '../route-targets.ts'
import { existing, routeTables, vpcs } from '../tables.ts'

export const createRoute: Operation<CreateRouteRequest, CreateRouteResult> = async (input, call) => {
  const { scope } = call
  const destination = requestedDestination(input)
  const wanted = requestedTarget(input)
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    if (destination.destinationPrefixListId !== undefined) {
      if (wanted.id.startsWith('vpce-')) {
        throw invalidParameter('Cannot create or replace a prefix list route targeting a VPC Endpoint.')
      }
      await existingPrefixList(tx, scope, destination.destinationPrefixListId)
    }
    const route = { ...destination, target: await routeTarget(tx, table, wanted) }
    if (table.routes.some((other) => sameDestination(other, route))) {
      throw ec2Error('RouteAlreadyExists', `The route identified by ${destinationText(route)} already exists.`)
    }
    checkRoute(route, await existing(tx, vpcs, VPC, scope, table.vpcId))
    if (table.routes.length >= ROUTES_PER_TABLE) {
      throw ec2Error('RouteLimitExceeded', 'The maximum number of routes has been reached.')
    }
    await tx.put(routeTables, allowedRouteTable({ ...table, routes: [...table.routes, route] }))
  })
  return { Return: true }
}
