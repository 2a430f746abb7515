// Takes an elastic IP address that nothing uses away from the account.

import type { ReleaseAddressRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter, missingParameter, notYours } from '../errors.ts'
import { ADDRESS } from '../model/resource-kind.ts'
import { addresses, ec2Key, existing, releasedAddresses } from '../tables.ts'

export const releaseAddress: Operation<ReleaseAddressRequest, {}> = async (input, call) => {
  const { scope } = call
  const { AllocationId } = input
  if (AllocationId === undefined) {
    if (input.PublicIp === undefined) throw missingParameter('allocationId')
    throw invalidParameter('You must specify an allocation id when releasing a VPC elastic IP address')
  }
  await call.store.write(async (tx) => {
    const address = await existing(tx, addresses, ADDRESS, scope, AllocationId)
    if (address.natGatewayId !== undefined) throw notYours()
    if (address.associationId !== undefined) {
      throw ec2Error('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`)
    }
    await tx.delete(addresses, ec2Key(scope, address.id))
    const releasedAtMs = call.clock.now().getTime()
    await tx.put(releasedAddresses, { scope, publicIp: address.publicIp, releasedAtMs })
  })
  return {}
}
