// What may be asked of a network interface that a user made, in the store: its groups and its further addresses.

import type { Call } from '#aws/operation.ts'
import type { Scope } from '#aws/scope.ts'
import type { Reader, Transaction } from '#store/store.ts'
import { addressesOfInterface, unbound } from './elastic-address-tables.ts'
import { ec2Error, notYours } from './errors.ts'
import { type AddressWish, namedAddresses } from './model/address-wish.ts'
import { freePrivateAddress } from './model/interface-plan.ts'
import { PRIVATE_ADDRESSES_PER_INTERFACE, SECURITY_GROUPS_PER_INTERFACE } from './model/limits.ts'
import { requestedPrivateAddress } from './model/private-address.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from './model/records.ts'
import { NETWORK_INTERFACE, SECURITY_GROUP } from './model/resource-kind.ts'
import { DEFAULT_GROUP } from './model/security-group.ts'
import { existing, interfacesOfSubnet, networkInterfaces, ofVpc, securityGroups } from './tables.ts'

/** The interface, if it is the caller's to change: those of tasks and gateways are AWS's. */
export const ownInterface = async (reader: Reader, scope: Scope, id: string): Promise<NetworkInterfaceRecord> => {
  const one = await existing(reader, networkInterfaces, NETWORK_INTERFACE, scope, id)
  if (one.spec.ownerArn !== undefined || one.spec.requesterId !== undefined) throw notYours()
  return one
}

/** In extended mode a task's interface may have further addresses, which its containers then have too; AWS allows none. */
export const assignableInterface = async (reader: Reader, call: Call, id: string): Promise<NetworkInterfaceRecord> => {
  const one = await existing(reader, networkInterfaces, NETWORK_INTERFACE, call.scope, id)
  const isOfTask = one.spec.ownerArn?.includes(':task/') === true && !one.spec.deleteRequested
  return call.settings.mode === 'extended' && isOfTask ? one : ownInterface(reader, call.scope, id)
}

/** The groups an interface in this subnet is to be in; the VPC's default group when none are named. */
export const interfaceGroups = async (
  reader: Reader,
  scope: Scope,
  subnet: Pick<SubnetRecord, 'id' | 'vpcId'>,
  ids: readonly string[] | undefined,
): Promise<string[]> => {
  if (ids === undefined || ids.length === 0) {
    const groups = await ofVpc(reader, securityGroups, scope, subnet.vpcId)
    return groups.filter(({ name }) => name === DEFAULT_GROUP).map(({ id }) => id)
  }
  const wanted = [...new Set(ids)]
  if (wanted.length > SECURITY_GROUPS_PER_INTERFACE) {
    throw ec2Error(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    )
  }
  for (const id of wanted) {
    const group = await existing(reader, securityGroups, SECURITY_GROUP, scope, id)
    if (group.vpcId !== subnet.vpcId) {
      const message = `Security group ${id} and subnet ${subnet.id} belong to different networks.`
      throw ec2Error('InvalidParameter', message)
    }
  }
  return wanted
}

/**
 * Takes these addresses away from the interfaces that have them, and gives the ones that were taken. Primary addresses
 * and those of interfaces that are AWS's stay, and elastic IPs that were bound to the others are free.
 */
export const takenOver = async (tx: Transaction, subnet: SubnetRecord, ips: readonly string[]): Promise<string[]> => {
  const taken: string[] = []
  for (const one of await interfacesOfSubnet(tx, subnet)) {
    const before = one.spec.secondaryPrivateIps ?? []
    const moved = before.filter((ip) => ips.includes(ip))
    if (moved.length === 0 || one.spec.ownerArn !== undefined || one.spec.requesterId !== undefined) continue
    for (const address of await addressesOfInterface(tx, subnet.scope, one.id)) {
      if (moved.includes(address.privateIp ?? '')) await unbound(tx, address)
    }
    const secondaryPrivateIps = before.filter((ip) => !moved.includes(ip))
    const bound = (await tx.get(networkInterfaces, networkInterfaces.key(one))) ?? one
    await tx.put(networkInterfaces, { ...bound, spec: { ...bound.spec, secondaryPrivateIps } })
    taken.push(...moved)
  }
  return taken
}

/** Further addresses of the subnet: those that are named, or as many as are asked for. */
export const secondaryAddresses = (wish: AddressWish): string[] => {
  if (wish.present + wish.named.length + wish.count > PRIVATE_ADDRESSES_PER_INTERFACE) {
    throw ec2Error('PrivateIpAddressLimitExceeded', 'Number of private addresses will exceed limit.')
  }
  const named = namedAddresses(wish, (text, taken) => requestedPrivateAddress(text, wish.subnet, taken))
  const [taken, chosen] = [new Set(named.taken), [...named.chosen]]
  for (let n = 0; n < wish.count; n++) {
    const address = freePrivateAddress(wish.subnet, taken, wish.random)
    if (address === undefined) throw noFreeAddress()
    taken.add(address)
    chosen.push(address)
  }
  return chosen
}

export const noFreeAddress = () =>
  ec2Error(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  )
