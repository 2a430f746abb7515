// The IPv6 addresses of interfaces: free ones of a subnet, and whether one that a caller names can be had. Pure.

import type { Random } from '#base/random.ts'
import { ec2Error, invalidParameter, invalidValue } from '../errors.ts'
import { type AddressWish, namedAddresses } from './address-wish.ts'
import { addressAt, addressText, cidrContains, type Cidr, knownCidr, parseAddress, sizeOfCidr } from './cidr.ts'
import { PRIVATE_ADDRESSES_PER_INTERFACE } from './limits.ts'
import type { SubnetRecord } from './records.ts'

/** AWS keeps these to itself, as of IPv4. */
const RESERVED_AT_START = 4n
const RESERVED_AT_END = 1n
const HEX_DIGITS = 16

export const ipv6BlockOf = (subnet: SubnetRecord): Cidr | undefined => {
  const [block] = subnet.ipv6Cidrs ?? []
  return block === undefined ? undefined : knownCidr(block.cidr)
}

/** How many an interface is given when nobody says. AWS: "AssignIpv6AddressOnCreation". */
export const automaticIpv6Count = (subnet: SubnetRecord): number =>
  subnet.assignIpv6AddressOnCreation === true && ipv6BlockOf(subnet) !== undefined ? 1 : 0

/** So many free addresses; undefined for a subnet without IPv6. A block is too large to be used up. */
export const freeIpv6Addresses = (
  subnet: SubnetRecord,
  count: number,
  taken: ReadonlySet<string>,
  random: Random,
): string[] | undefined => {
  const block = ipv6BlockOf(subnet)
  if (block === undefined) return count === 0 ? [] : undefined
  const usable = sizeOfCidr(block) - RESERVED_AT_START - RESERVED_AT_END
  const chosen = new Set<string>()
  while (chosen.size < count) {
    const address = addressAt(block, RESERVED_AT_START + (BigInt(`0x${random.hex(HEX_DIGITS)}`) % usable))
    if (!taken.has(address)) chosen.add(address)
  }
  return [...chosen]
}

/** The address as EC2 writes it, or EC2's refusal of it. */
const requestedIpv6Address = (text: string, block: Cidr, taken: ReadonlySet<string>): string => {
  const parsed = parseAddress(text)
  if (parsed?.family !== 6) throw invalidValue(text, 'ipv6Address', 'This is not a valid IPv6 address.')
  const { family, value } = parsed
  if (!cidrContains(block, { family, base: value, prefix: 128 })) {
    throw invalidParameter("Address does not fall within the subnet's address range")
  }
  const offset = value - block.base
  if (offset < RESERVED_AT_START || offset >= sizeOfCidr(block) - RESERVED_AT_END) {
    throw invalidParameter("Address is in subnet's reserved address range")
  }
  const address = addressText(family, value)
  if (taken.has(address)) throw ec2Error('InvalidIPAddress.InUse', `Address ${address} is in use.`)
  return address
}

/** Further addresses of the subnet: those that are named, or as many as are asked for. */
export const requestedIpv6Addresses = (wish: AddressWish): string[] => {
  const { subnet, count, present, random } = wish
  if (present + wish.named.length + count > PRIVATE_ADDRESSES_PER_INTERFACE) {
    throw ec2Error('Ipv6AddressLimitExceeded', 'Number of IPv6 addresses will exceed limit.')
  }
  const block = ipv6BlockOf(subnet)
  if (block === undefined && wish.named.length + count > 0) {
    throw invalidParameter(`The subnet ${subnet.id} does not have an IPv6 CIDR block.`)
  }
  const { chosen, taken } = namedAddresses(wish, (text, others) => requestedIpv6Address(text, block!, others))
  return [...chosen, ...(freeIpv6Addresses(subnet, count, taken, random) ?? [])]
}
