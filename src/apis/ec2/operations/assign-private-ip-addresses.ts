// Gives a network interface further addresses of its subnet.

import type { AssignPrivateIpAddressesRequest, AssignPrivateIpAddressesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination, missingParameter } from '../errors.ts'
import { assignableInterface, secondaryAddresses, takenOver } from '../interface-changes.ts'
import { SUBNET } from '../model/resource-kind.ts'
import { existing, networkInterfaces, privateIpsOf, subnets, takenAddresses } from '../tables.ts'

export const assignPrivateIpAddresses: Operation<
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult
> = async (input, call) => {
  const { scope } = call
  const { PrivateIpAddresses: named = [], SecondaryPrivateIpAddressCount: count = 0 } = input
  if (input.Ipv4PrefixCount !== undefined || (input.Ipv4Prefixes ?? []).length > 0) {
    throw ec2Error('UnsupportedOperation', 'Ipv4Prefixes is not supported.')
  }
  if (named.length === 0 && count === 0) throw missingParameter('secondaryPrivateIpAddressCount')
  if (named.length > 0 && count > 0) {
    throw invalidCombination(
      'The parameter privateIpAddresses may not be used with the parameter secondaryPrivateIpAddressCount',
    )
  }
  const added = await call.store.write(async (tx) => {
    const one = await assignableInterface(tx, call, input.NetworkInterfaceId)
    const subnet = await existing(tx, subnets, SUBNET, scope, one.spec.subnetId)
    const present = privateIpsOf(one)
    // What the interface has already it may be given again.
    const fresh = named.filter((ip) => !present.includes(ip))
    const taken = await takenAddresses(tx, subnet, call.clock.now())
    if (input.AllowReassignment === true) {
      for (const ip of await takenOver(tx, subnet, fresh)) taken.delete(ip)
    }
    const chosen = secondaryAddresses({
      subnet,
      taken,
      named: fresh,
      count,
      present: present.length,
      random: call.random,
    })
    const secondaryPrivateIps = [...present.slice(1), ...chosen]
    await tx.put(networkInterfaces, { ...one, spec: { ...one.spec, secondaryPrivateIps } })
    return chosen
  })
  return {
    NetworkInterfaceId: input.NetworkInterfaceId,
    AssignedPrivateIpAddresses: added.map((ip) => ({ PrivateIpAddress: ip })),
  }
}
