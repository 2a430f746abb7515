// Changes one of the things that a subnet decides for the interfaces in it.

import type { ModifySubnetAttributeRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination, invalidParameter } from '../errors.ts'
import type { SubnetRecord } from '../model/records.ts'
import { SUBNET } from '../model/resource-kind.ts'
import { existing, subnets } from '../tables.ts'

type Attributes = Omit<ModifySubnetAttributeRequest, 'SubnetId'>

/** What the attribute changes in the record; undefined for what no subnet of ours has. */
const CHANGES: {
  readonly [K in keyof Attributes]-?: ((value: NonNullable<Attributes[K]>) => Partial<SubnetRecord>) | undefined
} = {
  AssignIpv6AddressOnCreation: ({ Value }) => ({ assignIpv6AddressOnCreation: Value === true }),
  MapPublicIpOnLaunch: ({ Value }) => ({ mapPublicIpOnLaunch: Value === true }),
  EnableDns64: ({ Value }) => ({ enableDns64: Value === true }),
  PrivateDnsHostnameTypeOnLaunch: (hostnameType) => ({ hostnameType }),
  EnableResourceNameDnsARecordOnLaunch: ({ Value }) => ({ enableResourceNameDnsARecord: Value === true }),
  EnableResourceNameDnsAAAARecordOnLaunch: ({ Value }) => ({ enableResourceNameDnsAAAARecord: Value === true }),
  // Of Outposts.
  MapCustomerOwnedIpOnLaunch: undefined,
  CustomerOwnedIpv4Pool: undefined,
  EnableLniAtDeviceIndex: undefined,
  DisableLniAtDeviceIndex: undefined,
}

/** What no subnet has can be switched off: Terraform does so. */
const isOff = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'Value' in value && value.Value === false

const requestedChange = (attributes: Attributes): Partial<SubnetRecord> => {
  const given = Object.entries(attributes).filter(([name, value]) => value !== undefined && name in CHANGES)
  const [first] = given
  if (first === undefined) throw invalidCombination('No attributes specified.')
  if (given.length > 1) throw invalidCombination('Fields for multiple attribute types specified.')
  const [name, value] = first as [keyof Attributes, never]
  const change = CHANGES[name]
  if (change !== undefined) return change(value)
  if (isOff(value)) return {}
  throw ec2Error('UnsupportedOperation', `The attribute ${name} is not supported.`)
}

export const modifySubnetAttribute: Operation<ModifySubnetAttributeRequest, {}> = async (input, call) => {
  const { SubnetId, ...attributes } = input
  const change = requestedChange(attributes)
  await call.store.write(async (tx) => {
    const subnet = await existing(tx, subnets, SUBNET, call.scope, SubnetId)
    const needsIpv6 = change.assignIpv6AddressOnCreation === true || change.enableResourceNameDnsAAAARecord === true
    if (needsIpv6 && (subnet.ipv6Cidrs ?? []).length === 0) {
      throw invalidParameter(`The subnet '${subnet.id}' does not have an IPv6 CIDR block associated with it.`)
    }
    await tx.put(subnets, { ...subnet, ...change })
  })
  return {}
}
