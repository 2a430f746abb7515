// Makes a subnet follow a route table.

import type { AssociateRouteTableRequest, AssociateRouteTableResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination, invalidParameter, missingParameter } from '../errors.ts'
import { INTERNET_GATEWAY, ROUTE_TABLE, SUBNET } from '../model/resource-kind.ts'
import { newAssociationId } from '../model/route-table.ts'
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
  if (GatewayId !== undefined) {
    await call.store.read((reader) => existing(reader, internetGateways, INTERNET_GATEWAY, scope, GatewayId))
    throw ec2Error('UnsupportedOperation', 'Route tables cannot be associated with gateways.')
  }
  if (SubnetId === undefined) throw missingParameter('subnetId')
  const id = await call.store.write(async (tx) => {
    const table = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    const subnet = await existing(tx, subnets, SUBNET, scope, SubnetId)
    if (subnet.vpcId !== table.vpcId) {
      throw invalidParameter(`Route table ${table.id} and subnet ${subnet.id} belong to different networks`)
    }
    for (const other of await ofVpc(tx, routeTables, scope, table.vpcId)) {
      const association = other.associations.find(({ subnetId }) => subnetId === subnet.id)
      // Asking for what is already so is answered with what is.
      if (association !== undefined && other.id === table.id) return association.id
      if (association !== undefined) {
        const message = `the specified association for route table ${table.id} conflicts with an existing association`
        throw ec2Error('Resource.AlreadyAssociated', message)
      }
    }
    const association = { id: newAssociationId(call.random), subnetId: subnet.id }
    await tx.put(routeTables, { ...table, associations: [...table.associations, association] })
    return association.id
  })
  return { AssociationId: id, AssociationState: { State: 'associated' } }
}
