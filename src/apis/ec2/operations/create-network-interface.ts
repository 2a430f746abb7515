// Makes a network interface that nothing is attached to: it holds addresses and groups.

import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  NetworkInterfaceStatus,
} from '@aws-sdk/client-ec2'
import type { Checked, Operation } from '#aws/operation.ts'
import { addedInterface } from '../address-only-interfaces.ts'
import { ec2Error, invalidCombination } from '../errors.ts'
import { interfaceGroups, secondaryAddresses } from '../interface-changes.ts'
import { madeBefore } from '../model/client-token.ts'
import { isRefused } from '../model/interface-plan.ts'
import { automaticIpv6Count, requestedIpv6Addresses } from '../model/ipv6-address.ts'
import { INTERFACES_PER_REGION } from '../model/limits.ts'
import { describeNetworkInterface } from '../model/network-interface.ts'
import { NETWORK_INTERFACE, SUBNET } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { existing, inScope, networkInterfaces, ofVpc, securityGroups, subnets, takenAddresses } from '../tables.ts'

type Request = Checked<CreateNetworkInterfaceRequest>

const UNSUPPORTED = [
  'Ipv4Prefixes',
  'Ipv4PrefixCount',
  'Ipv6Prefixes',
  'Ipv6PrefixCount',
  'EnablePrimaryIpv6',
  'ConnectionTrackingSpecification',
  'Operator',
] as const satisfies readonly (keyof Request)[]

const isAsked = (value: unknown): boolean =>
  !(value === undefined || value === 0 || value === false || (Array.isArray(value) && value.length === 0))

/** The primary address, if it was named, and the others. */
const namedAddresses = (input: Request): { readonly primary: string | undefined; readonly others: string[] } => {
  const listed = input.PrivateIpAddresses ?? []
  const primaries = listed.filter((each) => each.Primary === true)
  if (primaries.length > 1 || (primaries.length === 1 && input.PrivateIpAddress !== undefined)) {
    throw invalidCombination('Only one primary private IP address can be specified.')
  }
  return {
    primary: input.PrivateIpAddress ?? primaries[0]?.PrivateIpAddress,
    others: listed.filter((each) => each.Primary !== true).flatMap((each) => each.PrivateIpAddress ?? []),
  }
}

const checkRequest = (input: Request): void => {
  if ((input.Ipv6Addresses ?? []).length > 0 && (input.Ipv6AddressCount ?? 0) > 0) {
    throw invalidCombination('The parameter ipv6Addresses may not be used with the parameter ipv6AddressCount')
  }
  const unsupported = UNSUPPORTED.find((name) => isAsked(input[name]))
  if (unsupported !== undefined) throw ec2Error('UnsupportedOperation', `${unsupported} is not supported.`)
  if (input.InterfaceType !== undefined && (input.InterfaceType as string) !== 'interface') {
    throw ec2Error('UnsupportedOperation', `Interfaces of the type ${input.InterfaceType} are not supported.`)
  }
}

export const createNetworkInterface: Operation<CreateNetworkInterfaceRequest, CreateNetworkInterfaceResult> = async (
  input,
  call,
) => {
  const { scope, random } = call
  checkRequest(input)
  const { primary, others } = namedAddresses(input)
  const tags = requestedTags(input.TagSpecifications, NETWORK_INTERFACE)
  const token = input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }
  const { made, groups } = await call.store.write(async (tx) => {
    const rows = await inScope(tx, networkInterfaces, scope)
    const tokens = rows.map((row) => ({ row, ...row.spec }))
    const earlier = madeBefore(tokens, input.ClientToken, ({ subnetId }) => subnetId === input.SubnetId)?.row
    const subnet = await existing(tx, subnets, SUBNET, scope, input.SubnetId)
    const all = await ofVpc(tx, securityGroups, scope, subnet.vpcId)
    if (earlier !== undefined) return { made: earlier, groups: all }
    if (rows.length >= INTERFACES_PER_REGION) {
      throw ec2Error('NetworkInterfaceLimitExceeded', 'The maximum number of network interfaces has been reached.')
    }
    const securityGroupIds = await interfaceGroups(tx, scope, subnet, input.Groups)
    const now = call.clock.now()
    const secondaryPrivateIps = secondaryAddresses({
      subnet,
      taken: new Set([...(await takenAddresses(tx, subnet, now)), ...(primary === undefined ? [] : [primary])]),
      named: others,
      count: input.SecondaryPrivateIpAddressCount ?? 0,
      present: 1,
      random,
    })
    const namedIpv6 = (input.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? [])
    const ipv6Addresses = requestedIpv6Addresses({
      subnet,
      taken: await takenAddresses(tx, subnet, now),
      named: namedIpv6,
      count: input.Ipv6AddressCount ?? (namedIpv6.length > 0 ? 0 : automaticIpv6Count(subnet)),
      present: 0,
      random,
    })
    const wish = { scope, subnet, privateIp: primary, securityGroupIds, description: input.Description ?? '' }
    const extra = {
      tags,
      ...token,
      ...(secondaryPrivateIps.length === 0 ? {} : { secondaryPrivateIps }),
      ...(ipv6Addresses.length === 0 ? {} : { ipv6Addresses }),
    }
    const added = await addedInterface(tx, { ...wish, extra, isInUse: false, now, random })
    if (isRefused(added)) throw ec2Error(added.refused, added.message)
    return { made: added, groups: all }
  })
  const described = describeNetworkInterface(made, new Map(groups.map((group) => [group.id, group])))
  return {
    // EC2 answers before the interface is ready, with a status that its model lacks, and clients wait for it.
    NetworkInterface: { ...described, Status: 'pending' as unknown as NetworkInterfaceStatus },
    ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
  }
}
