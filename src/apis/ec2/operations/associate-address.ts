// Binds an elastic IP address to a network interface.

import type { AssociateAddressRequest, AssociateAddressResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { addressByIp, addressesOfInterface, bound, isManaged, unbound } from '../elastic-address-tables.ts'
import { ec2Error, invalidParameter, missingParameter, notYours } from '../errors.ts'
import type { AddressRecord, NetworkInterfaceRecord } from '../model/records.ts'
import { ADDRESS, NETWORK_INTERFACE } from '../model/resource-kind.ts'
import { addresses, existing, internetGateways, networkInterfaces, ofVpc, privateIpsOf } from '../tables.ts'

const alreadyAssociated = (message: string) => ec2Error('Resource.AlreadyAssociated', message)

const checkReachable = async (tx: Transaction, { scope, spec }: NetworkInterfaceRecord): Promise<void> => {
  if ((await ofVpc(tx, internetGateways, scope, spec.vpcId)).length > 0) return
  throw ec2Error('Gateway.NotAttached', `Network ${spec.vpcId} is not attached to any internet gateway`)
}

const requestedPrivateIp = (one: NetworkInterfaceRecord, wanted: string | undefined): string => {
  const ips = privateIpsOf(one)
  if (wanted !== undefined && !ips.includes(wanted)) {
    throw invalidParameter(`Invalid value '${wanted}' for privateIpAddress. It is not assigned to interface ${one.id}`)
  }
  return wanted ?? one.spec.privateIp
}

/** Lets go of what stands in the way, or refuses. */
const makeRoom = async (
  tx: Transaction,
  address: AddressRecord,
  one: NetworkInterfaceRecord,
  privateIp: string,
  mayMove: boolean,
): Promise<void> => {
  if (await isManaged(tx, address)) throw notYours()
  if (address.associationId !== undefined) {
    if (!mayMove) {
      const message = `resource ${address.id} is already associated with associate-id ${address.associationId}`
      throw alreadyAssociated(message)
    }
    await unbound(tx, address)
  }
  const others = await addressesOfInterface(tx, one.scope, one.id)
  const other = others.find((each) => each.privateIp === privateIp && each.id !== address.id)
  if (other === undefined) return
  if (!mayMove) throw alreadyAssociated(`resource ${one.id} is already associated with address ${other.publicIp}`)
  await unbound(tx, other)
}

export const associateAddress: Operation<AssociateAddressRequest, AssociateAddressResult> = async (input, call) => {
  const { scope } = call
  const { AllocationId, PublicIp, NetworkInterfaceId } = input
  if (AllocationId === undefined && PublicIp === undefined) throw missingParameter('allocationId')
  if (input.InstanceId !== undefined) {
    throw ec2Error('InvalidInstanceID.NotFound', `The instance ID '${input.InstanceId}' does not exist`)
  }
  if (NetworkInterfaceId === undefined) {
    throw ec2Error('MissingParameter', 'Either instance ID or network interface id must be specified')
  }
  const associationId = await call.store.write(async (tx) => {
    const address =
      AllocationId === undefined
        ? await addressByIp(tx, scope, PublicIp ?? '')
        : await existing(tx, addresses, ADDRESS, scope, AllocationId)
    const one = await existing(tx, networkInterfaces, NETWORK_INTERFACE, scope, NetworkInterfaceId)
    if (one.spec.ownerArn !== undefined || one.spec.requesterId !== undefined) throw notYours()
    const privateIp = requestedPrivateIp(one, input.PrivateIpAddress)
    await checkReachable(tx, one)
    // Asking for what is already so is answered with what is.
    if (address.networkInterfaceId === one.id && address.privateIp === privateIp) return address.associationId
    await makeRoom(tx, address, one, privateIp, input.AllowReassociation === true)
    const now = await existing(tx, networkInterfaces, NETWORK_INTERFACE, scope, NetworkInterfaceId)
    return (await bound(tx, address, { networkInterface: now, privateIp }, call.random)).associationId
  })
  return { AssociationId: associationId }
}
