// Frees an elastic IP address from its network interface.

import type { DisassociateAddressRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { addressByIp, isManaged, unbound } from '../elastic-address-tables.ts'
import { ec2Error, missingParameter, notYours } from '../errors.ts'
import { addresses, inScope } from '../tables.ts'

export const disassociateAddress: Operation<DisassociateAddressRequest, {}> = async (input, call) => {
  const { AssociationId, PublicIp } = input
  if (AssociationId === undefined && PublicIp === undefined) throw missingParameter('associationId')
  await call.store.write(async (tx) => {
    const address =
      AssociationId === undefined
        ? await addressByIp(tx, call.scope, PublicIp ?? '')
        : (await inScope(tx, addresses, call.scope)).find((each) => each.associationId === AssociationId)
    if (address === undefined) {
      throw ec2Error('InvalidAssociationID.NotFound', `The association ID '${AssociationId}' does not exist`)
    }
    if (await isManaged(tx, address)) throw notYours()
    await unbound(tx, address)
  })
  return {}
}
