// Would stop a VPN gateway from writing routes into a table; there is no VPN gateway, so every one is refused.

import type { DisableVgwRoutePropagationRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { ROUTE_TABLE } from '../model/resource-kind.ts'
import { existing, routeTables } from '../tables.ts'

export const disableVgwRoutePropagation: Operation<DisableVgwRoutePropagationRequest, {}> = async (input, call) => {
  await call.store.read((reader) => existing(reader, routeTables, ROUTE_TABLE, call.scope, input.RouteTableId))
  throw ec2Error('InvalidGatewayID.NotFound', `The gateway ID '${input.GatewayId}' does not exist`)
}
