// Makes a subnet follow another route table, or makes another route table the VPC's main one.

import type { ReplaceRouteTableAssociationRequest, ReplaceRouteTableAssociationResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { ROUTE_TABLE } from '../model/resource-kind.ts'
import { allowedRouteTable, isMainAssociation, newAssociationId } from '../model/route-table.ts'
import { existing, inScope, routeTables } from '../tables.ts'

export const replaceRouteTableAssociation: Operation<
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult
> = async (input, call) => {
  const { scope } = call
  const { AssociationId } = input
  const id = await call.store.write(async (tx) => {
    const tables = await inScope(tx, routeTables, scope)
    const from = tables.find(({ associations }) => associations.some((each) => each.id === AssociationId))
    const association = from?.associations.find((each) => each.id === AssociationId)
    if (from === undefined || association === undefined) {
      throw ec2Error('InvalidAssociationID.NotFound', `The association ID '${AssociationId}' does not exist`)
    }
    const to = await existing(tx, routeTables, ROUTE_TABLE, scope, input.RouteTableId)
    if (to.vpcId !== from.vpcId) {
      throw invalidParameter(`Route table ${to.id} and route table ${from.id} belong to different networks`)
    }
    // Asking for what is already so is answered with what is.
    if (to.id === from.id) return AssociationId
    const isMain = isMainAssociation(association)
    const moved = { ...association, id: newAssociationId(call.random) }
    await tx.put(routeTables, {
      ...from,
      isMain: from.isMain && !isMain,
      associations: from.associations.filter((each) => each !== association),
    })
    const followed = { ...to, isMain: to.isMain || isMain, associations: [...to.associations, moved] }
    await tx.put(routeTables, allowedRouteTable(followed))
    return moved.id
  })
  return { NewAssociationId: id, AssociationState: { State: 'associated' } }
}
