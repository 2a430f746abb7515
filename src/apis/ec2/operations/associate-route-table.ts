// Makes a subnet, or what comes in by an internet gateway, follow a route table.

import type { AssociateRouteTableRequest, AssociateRouteTableResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination, invalidParameter, missingParameter } from '../errors.ts'
import { INTERNET_GATEWAY, ROUTE_TABLE, SUBNET } from '../model/resource-kind.ts'
import { allowedRouteTable, newAssociationId } from '../model/route-table.ts'
import { existing, internetGateways, ofVpc, routeTables, subnets } from '../tables.ts'

export const associateRouteTable: Operation<AssociateRouteTableRequest, AssociateRouteTableResult> = async (
  input,
  call,
) => {
  const { scope } = call
  const { SubnetId, GatewayId } = input
  if (SubnetId !== undefined && GatewayId !== undefined) {
    throw invalidCombination('The parameter subnetId may not be used with the parameter gatewayId')
  }
  if (SubnetId === undefined && GatewayId === undefined) throw missingParameter('subnetId')
  const id = await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    const what =
      SubnetId === undefined
        ? await existing(tx, internetGateways, INTERNET_GATEWAY, scope, GatewayId ?? '')
        : await existing(tx, subnets, SUBNET, scope, SubnetId)
    const noun = SubnetId === undefined ? 'gateway' : 'subnet'
    if (what.vpcId !== table.vpcId) {
      throw invalidParameter(`Route table ${table.id} and ${noun} ${what.id} belong to different networks`)
    }
    for (const other of await ofVpc(tx, routeTables, scope, table.vpcId)) {
      const association = other.associations.find(({ subnetId, gatewayId }) => (subnetId ?? gatewayId) === what.id)
      // Asking for what is already so is answered with what is.
      if (association !== undefined && other.id === table.id) return association.id
      if (association !== undefined) {
        const message = `the specified association for route table ${table.id} conflicts with an existing association`
        throw ec2Error('Resource.AlreadyAssociated', message)
      }
    }
    const place = SubnetId === undefined ? { gatewayId: what.id } : { subnetId: what.id }
    const association = { id: newAssociationId(call.random), ...place }
    await tx.put(routeTables, allowedRouteTable({ ...table, associations: [...table.associations, association] }))
    return association.id
  })
  return { AssociationId: id, AssociationState: { State: 'associated' } }
}
