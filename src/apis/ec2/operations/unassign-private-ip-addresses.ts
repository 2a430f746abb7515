// Takes further addresses away from a network interface; elastic IPs that were bound to them are free.

import type { UnassignPrivateIpAddressesRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { addressesOfInterface, unbound } from '../elastic-address-tables.ts'
import { ec2Error, invalidParameter, missingParameter } from '../errors.ts'
import { assignableInterface } from '../interface-changes.ts'
import { networkInterfaces, releasedAddresses } from '../tables.ts'

export const unassignPrivateIpAddresses: Operation<UnassignPrivateIpAddressesRequest, {}> = async (input, call) => {
  const { scope } = call
  const { NetworkInterfaceId: id, PrivateIpAddresses: ips = [] } = input
  if ((input.Ipv4Prefixes ?? []).length > 0) {
    throw ec2Error('UnsupportedOperation', 'Ipv4Prefixes is not supported.')
  }
  if (ips.length === 0) throw missingParameter('privateIpAddresses')
  await call.store.write(async (tx) => {
    const one = await assignableInterface(tx, call, id)
    const before = one.spec.secondaryPrivateIps ?? []
    const missing = ips.filter((ip) => !before.includes(ip))
    if (missing.length > 0) {
      throw invalidParameter(`Some of the specified addresses are not assigned to interface ${id}`)
    }
    for (const address of await addressesOfInterface(tx, scope, id)) {
      if (ips.includes(address.privateIp ?? '')) await unbound(tx, address)
    }
    const secondaryPrivateIps = before.filter((ip) => !ips.includes(ip))
    await tx.put(networkInterfaces, { ...one, spec: { ...one.spec, secondaryPrivateIps } })
    const released = { scope, subnetId: one.spec.subnetId, releasedAtMs: call.clock.now().getTime() }
    for (const privateIp of new Set(ips)) await tx.put(releasedAddresses, { ...released, privateIp })
  })
  return {}
}
