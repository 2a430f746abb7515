// Interfaces that are of no task, in the store: made for gateways and endpoints or by users. Those without a namespace
// are gone at once.

import type { Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import type { Transaction } from '#store/store.ts'
import { addressesOfInterface, unbound } from './elastic-address-tables.ts'
import { isRefused, type InterfaceRefusal, plannedInterface } from './model/interface-plan.ts'
import { requestedPrivateAddress } from './model/private-address.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from './model/records.ts'
import {
  ec2Key,
  interfaceDeparts,
  networkInterfaces,
  privateIpsOf,
  releasedAddresses,
  takenAddresses,
} from './tables.ts'

export interface AddressOnlyWish {
  readonly scope: Scope
  readonly subnet: SubnetRecord
  /** A certain address of the subnet; any free one when undefined. */
  readonly privateIp: string | undefined
  readonly securityGroupIds: readonly string[]
  readonly description: string
  /** What is added to the record of a plain interface: its type, its owner. */
  readonly extra: Partial<NetworkInterfaceRecord['spec']>
  /** True: something answers inside of it, and the controller is to attach it. */
  readonly hasNamespace?: boolean
  /** False for an interface that nothing uses yet; one with a namespace is in use once it is attached. */
  readonly isInUse: boolean
  readonly now: Date
  readonly random: Random
}

/** The interface, recorded; or why the subnet has no address for it. Refuses a named address that cannot be had. */
export const addedInterface = async (
  tx: Transaction,
  wish: AddressOnlyWish,
): Promise<NetworkInterfaceRecord | InterfaceRefusal> => {
  const { scope, subnet, now, random } = wish
  const taken = await takenAddresses(tx, subnet, now)
  const privateIp = wish.privateIp === undefined ? undefined : requestedPrivateAddress(wish.privateIp, subnet, taken)
  const planned = plannedInterface({
    scope,
    subnet,
    taken,
    ...(privateIp === undefined ? {} : { privateIp }),
    securityGroupIds: wish.securityGroupIds,
    assignPublicIp: false,
    description: wish.description,
    now,
    random,
  })
  if (isRefused(planned)) return planned
  const made: NetworkInterfaceRecord = {
    ...planned,
    spec: { ...planned.spec, ...wish.extra, ...(wish.hasNamespace === true ? {} : { isAddressOnly: true }) },
    status:
      wish.isInUse && wish.hasNamespace !== true
        ? { state: 'attached', attachedAt: now.toISOString() }
        : planned.status,
  }
  await tx.put(networkInterfaces, made)
  return made
}

/** Nothing in the world has to be undone, so the row goes now; its addresses rest, its elastic ones are free. */
export const removeInterface = async (tx: Transaction, one: NetworkInterfaceRecord, now: Date): Promise<void> => {
  const { scope } = one
  for (const address of await addressesOfInterface(tx, scope, one.id)) await unbound(tx, address)
  await tx.delete(networkInterfaces, ec2Key(scope, one.id))
  await interfaceDeparts(tx, one, now)
  for (const privateIp of privateIpsOf(one)) {
    await tx.put(releasedAddresses, { scope, subnetId: one.spec.subnetId, privateIp, releasedAtMs: now.getTime() })
  }
}
