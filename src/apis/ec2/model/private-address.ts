// A private address that a caller names: is it one of the subnet's, and free? Pure.

import { ec2Error, invalidParameter, invalidValue } from '../errors.ts'
import { cidrContains, knownCidr, parseCidr, sizeOfCidr } from './cidr.ts'
import { RESERVED_AT_END, RESERVED_AT_START } from './interface-plan.ts'
import type { SubnetRecord } from './records.ts'

/** The address as named, or EC2's refusal of it. */
export const requestedPrivateAddress = (text: string, subnet: SubnetRecord, taken: ReadonlySet<string>): string => {
  const address = parseCidr(`${text}/32`)
  if (address?.family !== 4) throw invalidValue(text, 'privateIpAddress', 'This is not a valid IPv4 address.')
  const block = knownCidr(subnet.cidr)
  if (!cidrContains(block, address)) throw invalidParameter("Address does not fall within the subnet's address range")
  const offset = address.base - block.base
  if (offset < RESERVED_AT_START || offset >= sizeOfCidr(block) - RESERVED_AT_END) {
    throw invalidParameter("Address is in subnet's reserved address range")
  }
  if (taken.has(text)) throw ec2Error('InvalidIPAddress.InUse', `Address ${text} is in use.`)
  return text
}
