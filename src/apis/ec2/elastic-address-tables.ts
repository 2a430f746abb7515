// Elastic IP addresses in the store: found, bound to interfaces and let go, so that both rows always agree.

import type { Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import type { Reader, Transaction } from '#store/store.ts'
import { ec2Error } from './errors.ts'
import { associatedAddress, freed } from './model/address.ts'
import type { AddressRecord, NetworkInterfaceRecord } from './model/records.ts'
import { addresses, ec2Key, inScope, networkInterfaces } from './tables.ts'

export const addressByIp = async (reader: Reader, scope: Scope, publicIp: string): Promise<AddressRecord> => {
  const found = (await inScope(reader, addresses, scope)).find((address) => address.publicIp === publicIp)
  if (found === undefined) throw ec2Error('InvalidAddress.NotFound', `Address '${publicIp}' not found.`)
  return found
}

/** The addresses that are bound to an interface. */
export const addressesOfInterface = (reader: Reader, scope: Scope, id: string): Promise<AddressRecord[]> =>
  reader.list(addresses, { index: 'interface', value: ec2Key(scope, id) })

const withPublicIp = (one: NetworkInterfaceRecord, publicIp: string | undefined): NetworkInterfaceRecord => {
  const { publicIp: _before, ...spec } = one.spec
  return { ...one, spec: publicIp === undefined ? spec : { ...spec, publicIp } }
}

/** Whether a service of AWS holds it: then its owner cannot take it away. */
export const isManaged = async (reader: Reader, address: AddressRecord): Promise<boolean> => {
  if (address.natGatewayId !== undefined) return true
  if (address.networkInterfaceId === undefined) return false
  const one = await reader.get(networkInterfaces, ec2Key(address.scope, address.networkInterfaceId))
  return one?.spec.requesterId !== undefined
}

/** Lets an address go; its interface, if there is one still, loses it. */
export const unbound = async (tx: Transaction, address: AddressRecord): Promise<AddressRecord> => {
  if (address.networkInterfaceId !== undefined) {
    const one = await tx.get(networkInterfaces, ec2Key(address.scope, address.networkInterfaceId))
    if (one?.spec.publicIp === address.publicIp) await tx.put(networkInterfaces, withPublicIp(one, undefined))
  }
  const after = freed(address)
  await tx.put(addresses, after)
  return after
}

/** Binds a free address to one of an interface's addresses. */
export const bound = async (
  tx: Transaction,
  address: AddressRecord,
  to: { readonly networkInterface: NetworkInterfaceRecord; readonly privateIp: string; readonly natGatewayId?: string },
  random: Random,
): Promise<AddressRecord> => {
  const after = associatedAddress(address, to, random)
  await tx.put(addresses, after)
  // The network knows one public address for each interface: the primary address's.
  if (to.privateIp === to.networkInterface.spec.privateIp) {
    await tx.put(networkInterfaces, withPublicIp(to.networkInterface, address.publicIp))
  }
  return after
}
