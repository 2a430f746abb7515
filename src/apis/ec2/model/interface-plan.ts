// What a new network interface is to be: its addresses, its MAC and its names, chosen without asking anyone.

import type { Tag } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import { dnsSuffix, type Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import { addressAt, knownCidr, sizeOfCidr } from './cidr.ts'
import { freeIpv6Addresses } from './ipv6-address.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from './records.ts'

/**
 * AWS keeps the first four addresses of a subnet and the last one to itself
 * (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
 */
export const RESERVED_AT_START = 4n
export const RESERVED_AT_END = 1n
const RESERVED = RESERVED_AT_START + RESERVED_AT_END

/** RFC 2544's block for tests: never routed on the Internet, so a "public" address of ours hides nobody's real one. */
export const PUBLIC_ADDRESS_POOL = '198.18.0.0/15'

export interface InterfaceWish {
  readonly scope: Scope
  readonly subnet: SubnetRecord
  /** Addresses of the subnet that are in use or were freed less than a minute ago: `takenAddresses` of tables.ts. */
  readonly taken: ReadonlySet<string>
  /** A certain address, known to be free; any free one when absent. */
  readonly privateIp?: string
  /** The public address, known to be free, where one is to be assigned; absent when there is none left. */
  readonly publicIp?: string | undefined
  readonly securityGroupIds: readonly string[]
  readonly assignPublicIp: boolean
  /** How many IPv6 addresses it is to have, of a subnet that has a block of them; none when absent. */
  readonly ipv6Count?: number
  /** A certain one, known to be free; any free ones when absent. */
  readonly ipv6Address?: string
  /** e.g. the task's ARN. */
  readonly ownerArn?: string
  /** For a Fargate task AWS writes the ARN of the attachment, ending in "attachment/<uuid>". */
  readonly description: string
  readonly tags?: readonly Tag[]
  readonly now: Date
  readonly random: Random
}

export interface InterfaceRefusal {
  readonly refused: 'InsufficientFreeAddressesInSubnet' | 'AddressLimitExceeded'
  readonly message: string
}

/** How many addresses of a subnet can be given to interfaces. */
export const usableAddressCount = (cidr: string): number => Number(sizeOfCidr(knownCidr(cidr)) - RESERVED)

/** All addresses of the block from a random one on, so that finding a free one in a nearly empty block costs one try. */
function* addressesFromAnywhere(
  text: string,
  skip: { readonly start: bigint; readonly end: bigint },
  random: Random,
): Generator<string> {
  const cidr = knownCidr(text)
  const usable = sizeOfCidr(cidr) - skip.start - skip.end
  const first = BigInt(Math.floor(random.fraction() * Number(usable)))
  for (let tried = 0n; tried < usable; tried++) yield addressAt(cidr, skip.start + ((first + tried) % usable))
}

/** The addresses of a pool of public ones, in an order to try them in. */
export const publicAddressesToTry = (pool: string, random: Random): Iterable<string> =>
  addressesFromAnywhere(pool, { start: 1n, end: 1n }, random)

/** The addresses of a subnet that interfaces may have, in an order to try them in. */
export const privateAddressesToTry = (subnet: SubnetRecord, random: Random): Iterable<string> =>
  addressesFromAnywhere(subnet.cidr, { start: RESERVED_AT_START, end: RESERVED_AT_END }, random)

/** A free address of a subnet. */
export const freePrivateAddress = (
  subnet: SubnetRecord,
  taken: ReadonlySet<string>,
  random: Random,
): string | undefined => {
  for (const address of privateAddressesToTry(subnet, random)) if (!taken.has(address)) return address
  return undefined
}

/** Locally administered and unicast, in the style of EC2's. */
const newMac = (random: Random): string => ['0a', ...Array.from({ length: 5 }, () => random.hex(2))].join(':')

/** The record of a new interface, or why AWS would not make it. */
export const plannedInterface = (wish: InterfaceWish): NetworkInterfaceRecord | InterfaceRefusal => {
  const { scope, subnet, random } = wish
  const privateIp = wish.privateIp ?? freePrivateAddress(subnet, wish.taken, random)
  if (privateIp === undefined) {
    return {
      refused: 'InsufficientFreeAddressesInSubnet',
      message: 'The specified subnet does not have enough free addresses to satisfy the request.',
    }
  }
  const publicIp = wish.assignPublicIp ? wish.publicIp : undefined
  if (wish.assignPublicIp && publicIp === undefined) {
    return { refused: 'AddressLimitExceeded', message: 'The maximum number of addresses has been reached.' }
  }
  const ipv6Addresses =
    wish.ipv6Address === undefined
      ? (freeIpv6Addresses(subnet, wish.ipv6Count ?? 0, wish.taken, random) ?? [])
      : [wish.ipv6Address]
  return {
    id: newEc2Id('eni', random),
    scope,
    spec: {
      vpcId: subnet.vpcId,
      subnetId: subnet.id,
      availabilityZone: subnet.availabilityZone,
      privateIp,
      ...(ipv6Addresses.length === 0 ? {} : { ipv6Addresses }),
      mac: newMac(random),
      ...(publicIp === undefined ? {} : { publicIp }),
      securityGroupIds: wish.securityGroupIds,
      description: wish.description,
      ...(wish.ownerArn === undefined ? {} : { ownerArn: wish.ownerArn }),
      tags: wish.tags ?? [],
      createdAt: wish.now.toISOString(),
      deleteRequested: false,
    },
    status: { state: 'pending' },
  }
}

export const isRefused = (planned: NetworkInterfaceRecord | InterfaceRefusal): planned is InterfaceRefusal =>
  'refused' in planned

/** The same interface, no longer wanted: the network-interface controller detaches it and forgets the row. */
export const releasedInterface = (record: NetworkInterfaceRecord): NetworkInterfaceRecord =>
  record.spec.deleteRequested ? record : { ...record, spec: { ...record.spec, deleteRequested: true } }

/** us-east-1 is older than the rule (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html). */
export const internalDomain = (region: string): string =>
  region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`

/** e.g. "ip-10-0-1-23.eu-west-1.compute.internal" */
export const privateDnsName = (ip: string, region: string): string =>
  `ip-${ip.replaceAll('.', '-')}.${internalDomain(region)}`

/** e.g. "ec2-198-18-0-7.eu-west-1.compute.amazonaws.com" */
export const publicDnsName = (ip: string, scope: Scope): string => {
  const zone = scope.region === 'us-east-1' ? 'compute-1' : `${scope.region}.compute`
  return `ec2-${ip.replaceAll('.', '-')}.${zone}.${dnsSuffix(scope)}`
}
