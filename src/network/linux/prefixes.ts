// Addresses and blocks as the kernel's routes want them.

import type { Prefix } from '#linux/network-kernel.ts'
import { block, dotted } from '../ipv4.ts'
import type { InterfacePlan } from '../network.ts'
import { ipsOf } from '../plan-check.ts'
import { addressText, addressValue, familyOf, rangeOf } from '../ranges.ts'

export const EVERYWHERE: Prefix = { address: '0.0.0.0', length: 0 }
export const IPV6_EVERYWHERE: Prefix = { address: '::', length: 0 }

export const prefix = (cidr: string): Prefix => {
  const { base, length } = block(cidr)
  return { address: dotted(base), length }
}

export const single = (address: string): Prefix => ({ address, length: familyOf(address) === 'ip' ? 32 : 128 })
export const ipv6Prefix = (cidr: string): Prefix => ({
  address: addressText('ip6', rangeOf(cidr).first),
  length: Number(cidr.split('/')[1]),
})

/** Written in one way, so that they can be compared. */
export const addressesOf = (plan: InterfacePlan): string[] => [...ipsOf(plan), ...ipv6Of(plan)]
const ipv6Of = ({ ipv6Address }: InterfacePlan): string[] =>
  ipv6Address === undefined ? [] : [addressText('ip6', addressValue(ipv6Address))]
