// Records the interfaces that a load balancer needs, one in each of its subnets, and gives back those it needs no more.

import {
  type InterfaceRefusal,
  isRefused,
  plannedInterface,
  releasedInterface,
} from '#apis/ec2/model/interface-plan.ts'
import type { AddressRecord, NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { addressesOfInterface, bound, unbound } from '#apis/ec2/elastic-address-tables.ts'
import { freePublicAddressIn } from '#apis/ec2/address-tables.ts'
import { addresses, ec2Key, networkInterfaces, subnets, takenAddresses } from '#apis/ec2/tables.ts'
import { addressAt, knownCidr, sizeOfCidr } from '#apis/ec2/model/cidr.ts'
import {
  INTERFACE_REQUESTER,
  interfaceDescription,
  type LoadBalancerRecord,
  type SubnetWish,
  type ZoneAddress,
} from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import type { Random } from '#base/random.ts'
import type { Transaction } from '#store/store.ts'
import { HOST_ADDRESSES } from './limits.ts'

export interface Provisioning {
  readonly random: Random
  readonly now: Date
  /** This instance's share of the public addresses; all of them when absent. */
  readonly publicAddressPool?: string
}

const isNamed = (record: LoadBalancerRecord, subnetId: string): boolean =>
  record.spec.subnets.some((subnet) => subnet.subnetId === subnetId)

/** The one that its owner has chosen for that subnet; undefined where it has chosen none. */
const elasticAddress = async (
  tx: Transaction,
  { scope }: LoadBalancerRecord,
  { allocationId }: SubnetWish,
): Promise<AddressRecord | InterfaceRefusal | undefined> => {
  if (allocationId === undefined) return undefined
  const address = await tx.get(addresses, ec2Key(scope, allocationId))
  if (address !== undefined && address.associationId === undefined) return address
  return { refused: 'AddressLimitExceeded', message: `The address ${allocationId} is not available for use` }
}

const newInterface = async (
  tx: Transaction,
  balancer: LoadBalancerRecord,
  wish: SubnetWish,
  { random, now, publicAddressPool }: Provisioning,
): Promise<NetworkInterfaceRecord | InterfaceRefusal> => {
  const subnet = await tx.get(subnets, ec2Key(balancer.scope, wish.subnetId))
  if (subnet === undefined) return { refused: 'InsufficientFreeAddressesInSubnet', message: `${wish.subnetId} is gone` }
  const { ipAddressType } = balancer.spec
  const assignPublicIp = balancer.scheme === 'internet-facing' && ipAddressType !== 'dualstack-without-public-ipv4'
  const elastic = await elasticAddress(tx, balancer, wish)
  if (elastic !== undefined && 'refused' in elastic) return elastic
  const planned = plannedInterface({
    scope: balancer.scope,
    subnet,
    taken: await takenAddresses(tx, subnet, now),
    publicIp: assignPublicIp
      ? (elastic?.publicIp ?? (await freePublicAddressIn(tx, publicAddressPool, now, random)))
      : undefined,
    ...(wish.privateIp === undefined ? {} : { privateIp: wish.privateIp }),
    ipv6Count: ipAddressType === 'ipv4' ? 0 : 1,
    ...(wish.ipv6Address === undefined ? {} : { ipv6Address: wish.ipv6Address }),
    securityGroupIds: balancer.spec.securityGroupIds,
    assignPublicIp,
    ownerArn: balancer.arn,
    description: interfaceDescription(balancer),
    now,
    random,
  })
  if (isRefused(planned)) return planned
  const interfaceType = balancer.type === 'network' ? { interfaceType: 'network_load_balancer' as const } : {}
  const made = { ...planned, spec: { ...planned.spec, requesterId: INTERFACE_REQUESTER, ...interfaceType } }
  await tx.put(networkInterfaces, made)
  if (elastic !== undefined)
    await bound(tx, elastic, { networkInterface: made, privateIp: made.spec.privateIp }, random)
  return made
}

const zoneAddress = ({ id, spec }: NetworkInterfaceRecord): ZoneAddress => ({
  subnetId: spec.subnetId,
  availabilityZone: spec.availabilityZone,
  networkInterfaceId: id,
  privateIp: spec.privateIp,
  ...(spec.publicIp === undefined ? {} : { publicIp: spec.publicIp }),
  ...(spec.ipv6Addresses?.[0] === undefined ? {} : { ipv6Address: spec.ipv6Addresses[0] }),
})

/** A free address of the host's loopback: at random, so that two instances on one machine seldom choose the same. */
const hostAddress = async (tx: Transaction, random: Random): Promise<string> => {
  const taken = new Set((await tx.list(loadBalancers)).map(({ status }) => status.hostAddress))
  const block = knownCidr(HOST_ADDRESSES)
  for (;;) {
    const address = addressAt(block, BigInt(Math.floor(random.fraction() * Number(sizeOfCidr(block)))))
    if (!taken.has(address)) return address
  }
}

/** The same load balancer with an interface in each of its subnets, or with the reason why there is none. */
export const provisioned = async (
  tx: Transaction,
  balancer: LoadBalancerRecord,
  by: Provisioning,
): Promise<LoadBalancerRecord> => {
  const places = [...balancer.status.addresses]
  let reason: string | undefined
  for (const wish of balancer.spec.subnets) {
    if (places.some(({ subnetId }) => subnetId === wish.subnetId)) continue
    const made = await newInterface(tx, balancer, wish, by)
    if (isRefused(made as NetworkInterfaceRecord)) {
      reason = (made as InterfaceRefusal).message
      continue
    }
    places.push(zoneAddress(made as NetworkInterfaceRecord))
  }
  for (const { networkInterfaceId } of places) {
    const row = await tx.get(networkInterfaces, ec2Key(balancer.scope, networkInterfaceId))
    const wanted = balancer.spec.securityGroupIds
    if (row !== undefined && row.spec.securityGroupIds.join() !== wanted.join()) {
      await tx.put(networkInterfaces, { ...row, spec: { ...row.spec, securityGroupIds: wanted } })
    }
  }
  const isPublic = balancer.scheme === 'internet-facing'
  const host = isPublic ? { hostAddress: balancer.status.hostAddress ?? (await hostAddress(tx, by.random)) } : {}
  // Why it was impaired before stays until it serves: nothing here has mended it.
  const status = {
    ...balancer.status,
    ...(places.length > balancer.status.addresses.length ? { addresses: places } : {}),
  }
  return { ...balancer, status: { ...status, ...host, ...(reason === undefined ? {} : { state: 'failed', reason }) } }
}

/** The same load balancer without the interfaces that it needs no more; with `all`, without any. */
export const unprovisioned = async (
  tx: Transaction,
  balancer: LoadBalancerRecord,
  all: boolean,
): Promise<LoadBalancerRecord> => {
  const kept: ZoneAddress[] = []
  for (const address of balancer.status.addresses) {
    if (!all && isNamed(balancer, address.subnetId)) {
      kept.push(address)
      continue
    }
    const { scope } = balancer
    for (const one of await addressesOfInterface(tx, scope, address.networkInterfaceId)) await unbound(tx, one)
    const row = await tx.get(networkInterfaces, ec2Key(scope, address.networkInterfaceId))
    if (row !== undefined) await tx.put(networkInterfaces, releasedInterface(row))
  }
  return kept.length === balancer.status.addresses.length
    ? balancer
    : { ...balancer, status: { ...balancer.status, addresses: kept } }
}
