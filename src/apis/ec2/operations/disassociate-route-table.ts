// Makes a subnet follow the VPC's main route table again, or what comes in by a gateway none.

import type { DisassociateRouteTableRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { isMainAssociation } from '../model/route-table.ts'
import { inScope, routeTables } from '../tables.ts'

export const disassociateRouteTable: Operation<DisassociateRouteTableRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const tables = await inScope(tx, routeTables, call.scope)
    const table = tables.find(({ associations }) => associations.some(({ id }) => id === input.AssociationId))
    if (table === undefined) {
      const message = `The association ID '${input.AssociationId}' does not exist`
      throw ec2Error('InvalidAssociationID.NotFound', message)
    }
    if (table.associations.some((each) => each.id === input.AssociationId && isMainAssociation(each))) {
      throw invalidParameter(`cannot disassociate the main route table association ${input.AssociationId}`)
    }
    await tx.put(routeTables, {
      ...table,
      associations: table.associations.filter(({ id }) => id !== input.AssociationId),
    })
  })
  return {}
}
