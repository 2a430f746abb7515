// Changes whether interfaces in a subnet get a public address unless told otherwise.

import type { ModifySubnetAttributeRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination } from '../errors.ts'
import { SUBNET } from '../model/resource-kind.ts'
import { existing, subnets } from '../tables.ts'

export const modifySubnetAttribute: Operation<ModifySubnetAttributeRequest, {}> = async (input, call) => {
  const { SubnetId, MapPublicIpOnLaunch, ...others } = input
  const wanted = Object.entries(others).find(([, value]) => value !== undefined && !isOff(value))
  if (wanted !== undefined) throw ec2Error('UnsupportedOperation', `The attribute ${wanted[0]} is not supported.`)
  if (MapPublicIpOnLaunch?.Value === undefined && Object.keys(others).length === 0) {
    throw invalidCombination('No attributes specified.')
  }
  await call.store.write(async (tx) => {
    const subnet = await existing(tx, subnets, SUBNET, call.scope, SubnetId)
    const mapPublicIpOnLaunch = MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIpOnLaunch
    await tx.put(subnets, { ...subnet, mapPublicIpOnLaunch })
  })
  return {}
}

/** What no subnet has can be switched off: Terraform does so. */
const isOff = (value: unknown): boolean =>
  value === 'ip-name' || (typeof value === 'object' && value !== null && 'Value' in value && value.Value === false)
