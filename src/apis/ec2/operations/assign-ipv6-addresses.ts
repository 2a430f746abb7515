// Gives a network interface IPv6 addresses of its subnet.

import type { AssignIpv6AddressesRequest, AssignIpv6AddressesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination, missingParameter } from '../errors.ts'
import { ownInterface } from '../interface-changes.ts'
import { requestedIpv6Addresses } from '../model/ipv6-address.ts'
import { SUBNET } from '../model/resource-kind.ts'
import { existing, networkInterfaces, subnets, takenAddresses } from '../tables.ts'

export const assignIpv6Addresses: Operation<AssignIpv6AddressesRequest, AssignIpv6AddressesResult> = async (
  input,
  call,
) => {
  const { scope, random } = call
  const { Ipv6Addresses: named = [], Ipv6AddressCount: count = 0 } = input
  if (input.Ipv6PrefixCount !== undefined || (input.Ipv6Prefixes ?? []).length > 0) {
    throw ec2Error('UnsupportedOperation', 'Ipv6Prefixes is not supported.')
  }
  if (named.length === 0 && count === 0) throw missingParameter('ipv6AddressCount')
  if (named.length > 0 && count > 0) {
    throw invalidCombination('The parameter ipv6Addresses may not be used with the parameter ipv6AddressCount')
  }
  const AssignedIpv6Addresses = await call.store.write(async (tx) => {
    const one = await ownInterface(tx, scope, input.NetworkInterfaceId)
    const subnet = await existing(tx, subnets, SUBNET, scope, one.spec.subnetId)
    const before = one.spec.ipv6Addresses ?? []
    const taken = await takenAddresses(tx, subnet, call.clock.now())
    // What the interface has already it may be given again.
    for (const address of before) taken.delete(address)
    const chosen = requestedIpv6Addresses({ subnet, taken, named, count, present: before.length, random })
    const ipv6Addresses = [...new Set([...before, ...chosen])]
    await tx.put(networkInterfaces, { ...one, spec: { ...one.spec, ipv6Addresses } })
    return chosen
  })
  return { NetworkInterfaceId: input.NetworkInterfaceId, AssignedIpv6Addresses, AssignedIpv6Prefixes: [] }
}
