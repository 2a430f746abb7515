// Makes a route that is there go by another target.

import type { ReplaceRouteRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { invalidParameter } from '../errors.ts'
import type { RouteRecord } from '../model/records.ts'
import { ROUTE_TABLE, VPC } from '../model/resource-kind.ts'
import {
  checkRoute,
  destinationText,
  LOCAL,
  requestedDestination,
  requestedTarget,
  sameDestination,
} from '../model/route.ts'
import { allowedRouteTable } from '../model/route-table.ts'
import { routeTarget } from '../route-targets.ts'
import { existing, routeTables, vpcs } from '../tables.ts'

export const replaceRoute: Operation<ReplaceRouteRequest, {}> = async (input, call) => {
  const { scope } = call
  const destination = requestedDestination(input)
  const wanted = input.LocalTarget === true ? undefined : requestedTarget(input)
  await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    const before = table.routes.find((other) => sameDestination(other, destination))
    if (before === undefined) {
      throw invalidParameter(
        `There is no route defined for '${destinationText(destination)}' in the route table. Use CreateRoute instead.`,
      )
    }
    if (before.target.startsWith('vpce-')) {
      throw invalidParameter('Cannot create or replace a prefix list route targeting a VPC Endpoint.')
    }
    const vpc = await existing(tx, vpcs, VPC, scope, table.vpcId)
    const isOwnBlock = [...vpc.cidrs, ...(vpc.ipv6Cidrs ?? []).map(({ cidr }) => cidr)].includes(
      destinationText(destination),
    )
    if (wanted === undefined && !isOwnBlock) {
      throw invalidParameter(`The route for '${destinationText(destination)}' cannot be a local route.`)
    }
    const target = wanted === undefined ? LOCAL : await routeTarget(tx, table, wanted)
    const after: RouteRecord = { ...destination, target }
    if (target !== LOCAL) checkRoute(after, vpc)
    const routes = table.routes.map((route) => (route === before ? after : route))
    await tx.put(routeTables, allowedRouteTable({ ...table, routes }))
  })
  return {}
}
