// Takes IPv6 addresses away from a network interface.

import type { UnassignIpv6AddressesRequest, UnassignIpv6AddressesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter, missingParameter } from '../errors.ts'
import { ownInterface } from '../interface-changes.ts'
import { addressText, parseAddress } from '../model/cidr.ts'
import { networkInterfaces } from '../tables.ts'

const written = (text: string): string => {
  const address = parseAddress(text)
  return address === undefined ? text : addressText(address.family, address.value)
}

export const unassignIpv6Addresses: Operation<UnassignIpv6AddressesRequest, UnassignIpv6AddressesResult> = async (
  input,
  call,
) => {
  const { NetworkInterfaceId: id, Ipv6Addresses = [] } = input
  if ((input.Ipv6Prefixes ?? []).length > 0) {
    throw ec2Error('UnsupportedOperation', 'Ipv6Prefixes is not supported.')
  }
  if (Ipv6Addresses.length === 0) throw missingParameter('ipv6Addresses')
  const gone = [...new Set(Ipv6Addresses.map(written))]
  await call.store.write(async (tx) => {
    const one = await ownInterface(tx, call.scope, id)
    const before = one.spec.ipv6Addresses ?? []
    if (gone.some((address) => !before.includes(address))) {
      throw invalidParameter(`Some of the specified addresses are not assigned to interface ${id}`)
    }
    const ipv6Addresses = before.filter((address) => !gone.includes(address))
    await tx.put(networkInterfaces, { ...one, spec: { ...one.spec, ipv6Addresses } })
  })
  return { NetworkInterfaceId: id, UnassignedIpv6Addresses: gone, UnassignedIpv6Prefixes: [] }
}
