// What a VPC endpoint puts into the VPC and takes out again: routes of a gateway, interfaces of the other type.

import type { Call } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { addedInterface, removeInterface } from './address-only-interfaces.ts'
import { ec2Error, invalidParameter } from './errors.ts'
import { isRefused, releasedInterface } from './model/interface-plan.ts'
import { awsPrefixLists } from './model/prefix-list.ts'
import type { SubnetRecord, VpcEndpointRecord } from './model/records.ts'
import { ROUTE_TABLE, SECURITY_GROUP, SUBNET } from './model/resource-kind.ts'
import { allowedRouteTable } from './model/route-table.ts'
import { ENDPOINT_REQUESTER } from './model/vpc-endpoint.ts'
import { ec2Key, existing, networkInterfaces, routeTables, securityGroups, subnets } from './tables.ts'

const foreign = (what: string, endpoint: Pick<VpcEndpointRecord, 'vpcId'>) =>
  invalidParameter(`${what} does not belong to the VPC ${endpoint.vpcId}`)

/** The route to a gateway endpoint's service, in these tables. */
export const addRoutes = async (tx: Transaction, endpoint: VpcEndpointRecord, tableIds: readonly string[]) => {
  const { scope } = endpoint
  const destinationPrefixListId = awsPrefixLists(scope).find(({ name }) => name === endpoint.serviceName)!.id
  for (const id of tableIds) {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, id)
    if (table.vpcId !== endpoint.vpcId) throw foreign(`route table ${id}`, endpoint)
    if (table.routes.some((route) => route.destinationPrefixListId === destinationPrefixListId)) {
      const message = `route table ${id} already has a route with destination-prefix-list-id ${destinationPrefixListId}`
      throw ec2Error('RouteAlreadyExists', message)
    }
    const route = { destinationPrefixListId, target: endpoint.id }
    await tx.put(routeTables, allowedRouteTable({ ...table, routes: [...table.routes, route] }))
  }
}

/** A table that is gone took its route along. */
export const removeRoutes = async (tx: Transaction, endpoint: VpcEndpointRecord, tableIds: readonly string[]) => {
  for (const id of tableIds) {
    const table = await tx.get(routeTables, ec2Key(endpoint.scope, id))
    if (table === undefined) continue
    await tx.put(routeTables, { ...table, routes: table.routes.filter(({ target }) => target !== endpoint.id) })
  }
}

export const subnetsOfEndpoint = async (
  tx: Transaction,
  endpoint: Pick<VpcEndpointRecord, 'scope' | 'vpcId'>,
  ids: readonly string[],
): Promise<SubnetRecord[]> => {
  const rows: SubnetRecord[] = []
  for (const id of new Set(ids)) rows.push(await existing(tx, subnets, SUBNET, endpoint.scope, id))
  const other = rows.find(({ vpcId }) => vpcId !== endpoint.vpcId)
  if (other !== undefined) throw foreign(`subnet ${other.id}`, endpoint)
  return rows
}

export const checkGroups = async (
  tx: Transaction,
  endpoint: Pick<VpcEndpointRecord, 'scope' | 'vpcId'>,
  ids: readonly string[],
): Promise<void> => {
  for (const id of ids) {
    const group = await existing(tx, securityGroups, SECURITY_GROUP, endpoint.scope, id)
    if (group.vpcId !== endpoint.vpcId) throw foreign(`security group ${id}`, endpoint)
  }
}

/** An interface in each of these subnets; their ids. */
export const addInterfaces = async (
  tx: Transaction,
  endpoint: VpcEndpointRecord,
  rows: readonly SubnetRecord[],
  call: Call,
): Promise<string[]> => {
  const ids: string[] = []
  for (const subnet of rows) {
    const made = await addedInterface(tx, {
      scope: endpoint.scope,
      subnet,
      privateIp: undefined,
      securityGroupIds: endpoint.securityGroupIds,
      description: `VPC Endpoint Interface ${endpoint.id}`,
      extra: { interfaceType: 'vpc_endpoint', ownerArn: endpoint.id, requesterId: ENDPOINT_REQUESTER },
      hasNamespace: true,
      isInUse: true,
      now: call.clock.now(),
      random: call.random,
    })
    if (isRefused(made)) throw ec2Error(made.refused, made.message)
    ids.push(made.id)
  }
  return ids
}

/** Removes the endpoint's interfaces, all of them or those in these subnets; the ids of the ones that stay. */
export const removeInterfaces = async (
  tx: Transaction,
  endpoint: VpcEndpointRecord,
  call: Call,
  subnetIds: readonly string[] = endpoint.subnetIds,
): Promise<string[]> => {
  const kept: string[] = []
  for (const id of endpoint.networkInterfaceIds) {
    const one = await tx.get(networkInterfaces, ec2Key(endpoint.scope, id))
    if (one === undefined) continue
    if (!subnetIds.includes(one.spec.subnetId)) kept.push(id)
    else if (one.spec.isAddressOnly === true) await removeInterface(tx, one, call.clock.now())
    // What is attached to the VPC's router leaves it first.
    else await tx.put(networkInterfaces, releasedInterface(one))
  }
  return kept
}

/** The interfaces are in the groups that the endpoint is in. */
export const regroupInterfaces = async (tx: Transaction, endpoint: VpcEndpointRecord): Promise<void> => {
  for (const id of endpoint.networkInterfaceIds) {
    const one = await tx.get(networkInterfaces, ec2Key(endpoint.scope, id))
    if (one === undefined) continue
    await tx.put(networkInterfaces, { ...one, spec: { ...one.spec, securityGroupIds: endpoint.securityGroupIds } })
  }
}
