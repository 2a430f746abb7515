// Whether an address is free, asked of the tables for each address by itself: subnets hold tens of thousands.

import type { Random } from '#base/random.ts'
import type { Reader } from '#store/store.ts'
import {
  privateAddressesToTry,
  PUBLIC_ADDRESS_POOL,
  publicAddressesToTry,
  usableAddressCount,
} from './model/interface-plan.ts'
import type { SubnetRecord } from './model/records.ts'
import { addresses, ec2Key, interfaceCountOfSubnet, isResting, networkInterfaces, releasedAddresses } from './tables.ts'

/** Whether a new interface cannot have that address of a subnet, of either family: asked without reading the others. */
export const isTaken = async (reader: Reader, subnet: SubnetRecord, address: string, now: Date): Promise<boolean> => {
  const entry = { index: 'address', value: ec2Key(subnet.scope, `${subnet.id}/${address}`) }
  if ((await reader.count(networkInterfaces, entry)) > 0) return true
  return (await reader.list(releasedAddresses, entry)).some((row) => isResting(row, now))
}

/** A free IPv4 address of a subnet; undefined when there is none. */
export const freeAddressIn = async (
  reader: Reader,
  subnet: SubnetRecord,
  now: Date,
  random: Random,
): Promise<string | undefined> => {
  // Trying all of a large subnet that is full takes its time.
  if ((await interfaceCountOfSubnet(reader, subnet)) >= usableAddressCount(subnet.cidr)) return undefined
  for (const address of privateAddressesToTry(subnet, random)) {
    if (!(await isTaken(reader, subnet, address, now))) return address
  }
  return undefined
}

/** Whether nobody, of any account and region, can have that public address now. */
export const isPublicTaken = async (reader: Reader, address: string, now: Date): Promise<boolean> => {
  const entry = { index: 'public', value: address }
  if ((await reader.count(networkInterfaces, entry)) + (await reader.count(addresses, entry)) > 0) return true
  return (await reader.list(releasedAddresses, entry)).some((row) => isResting(row, now))
}

/** A free public address of that pool, or of all that there are; undefined when there is none. */
export const freePublicAddressIn = async (
  reader: Reader,
  pool: string | undefined,
  now: Date,
  random: Random,
): Promise<string | undefined> => {
  for (const address of publicAddressesToTry(pool ?? PUBLIC_ADDRESS_POOL, random)) {
    if (!(await isPublicTaken(reader, address, now))) return address
  }
  return undefined
}
