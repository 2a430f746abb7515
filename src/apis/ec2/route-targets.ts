// What routes go by, in the store: whether a target may be named, and which targets are there now.

import type { Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { ec2Error, invalidParameter } from './errors.ts'
import type { RouteTableRecord } from './model/records.ts'
import { EGRESS_ONLY_INTERNET_GATEWAY, INTERNET_GATEWAY, NETWORK_INTERFACE } from './model/resource-kind.ts'
import type { requestedTarget } from './model/route.ts'
import {
  ec2Key,
  egressOnlyInternetGateways,
  existing,
  inScope,
  internetGateways,
  natGateways,
  networkInterfaces,
  vpcEndpoints,
} from './tables.ts'

/** By VPC: the gateways, interfaces and endpoints that packets can go by. */
export const liveRouteTargets = async (
  reader: Reader,
  scope: Scope,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const live: { readonly id: string; readonly vpcId: string | undefined }[] = [
    ...(await inScope(reader, internetGateways, scope)).map(({ id, vpcId }) => ({ id, vpcId })),
    ...(await inScope(reader, natGateways, scope)).filter(({ state }) => state === 'available'),
    ...(await inScope(reader, egressOnlyInternetGateways, scope)),
    ...(await inScope(reader, vpcEndpoints, scope)).filter(({ state }) => state === 'available'),
    // An interface that nothing is attached to forwards nothing.
    ...(await inScope(reader, networkInterfaces, scope))
      .filter(({ status }) => status.state === 'attached')
      .map(({ id, spec }) => ({ id, vpcId: spec.vpcId })),
  ]
  const byVpc = Map.groupBy(live, ({ vpcId }) => vpcId ?? '')
  return new Map([...byVpc].map(([vpcId, targets]) => [vpcId, new Set(targets.map(({ id }) => id))]))
}

const elsewhere = (table: RouteTableRecord, noun: string, id: string) =>
  invalidParameter(`route table ${table.id} and ${noun} ${id} belong to different networks`)

const missing = (code: string, message: string) => ec2Error(code, message)

const gateway = async (reader: Reader, table: RouteTableRecord, id: string): Promise<string> => {
  if (id.startsWith('vgw-')) throw missing('InvalidVpnGatewayID.NotFound', `The vpnGateway ID '${id}' does not exist`)
  const found = await existing(reader, internetGateways, INTERNET_GATEWAY, table.scope, id)
  if (found.vpcId !== table.vpcId) throw elsewhere(table, 'network gateway', id)
  return id
}

const natGateway = async (reader: Reader, table: RouteTableRecord, id: string): Promise<string> => {
  const found = await reader.get(natGateways, ec2Key(table.scope, id))
  if (found === undefined || found.state === 'deleted' || found.state === 'failed') {
    throw missing('InvalidNatGatewayID.NotFound', `The natGateway ID '${id}' does not exist`)
  }
  if (found.vpcId !== table.vpcId) throw elsewhere(table, 'NAT gateway', id)
  return id
}

const networkInterface = async (reader: Reader, table: RouteTableRecord, id: string): Promise<string> => {
  const found = await existing(reader, networkInterfaces, NETWORK_INTERFACE, table.scope, id)
  if (found.spec.vpcId !== table.vpcId) throw elsewhere(table, 'interface', id)
  return id
}

const egressOnlyGateway = async (reader: Reader, table: RouteTableRecord, id: string): Promise<string> => {
  const kind = EGRESS_ONLY_INTERNET_GATEWAY
  const found = await existing(reader, egressOnlyInternetGateways, kind, table.scope, id)
  if (found.vpcId !== table.vpcId) throw elsewhere(table, 'egress-only internet gateway', id)
  return id
}

/** What a route by this target records, or EC2's refusal of a target that is not there or cannot be. */
export const routeTarget = async (
  reader: Reader,
  table: RouteTableRecord,
  { name, id }: ReturnType<typeof requestedTarget>,
): Promise<string> => {
  switch (name) {
    case 'GatewayId':
      return gateway(reader, table, id)
    case 'NatGatewayId':
      return natGateway(reader, table, id)
    case 'NetworkInterfaceId':
      return networkInterface(reader, table, id)
    case 'EgressOnlyInternetGatewayId':
      return egressOnlyGateway(reader, table, id)
    case 'VpcEndpointId':
      // Only endpoints of appliances can be named; routes to others come and go with the endpoint.
      throw missing('InvalidVpcEndpointId.NotFound', `The Vpc Endpoint Id '${id}' does not exist`)
    case 'InstanceId':
      throw missing('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
    case 'VpcPeeringConnectionId':
      throw missing('InvalidVpcPeeringConnectionID.NotFound', `The vpcPeeringConnection ID '${id}' does not exist`)
    case 'TransitGatewayId':
      throw missing('InvalidTransitGatewayID.NotFound', `Transit Gateway ${id} was deleted or does not exist.`)
    default:
      throw ec2Error('UnsupportedOperation', `Routes by ${name} are not supported.`)
  }
}
