// Gives the account an elastic IP address.

import type { AllocateAddressRequest, AllocateAddressResult } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidValue } from '../errors.ts'
import { PUBLIC_POOL } from '../model/address.ts'
import { cidrContains, knownCidr, parseCidr } from '../model/cidr.ts'
import { PUBLIC_ADDRESS_POOL } from '../model/interface-plan.ts'
import { ADDRESSES_PER_REGION } from '../model/limits.ts'
import type { AddressRecord } from '../model/records.ts'
import { ADDRESS } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { freePublicAddressIn, isPublicTaken } from '../address-tables.ts'
import { addresses, inScope } from '../tables.ts'

const tooMany = () => ec2Error('AddressLimitExceeded', 'The maximum number of addresses has been reached.')

const checkPlace = (input: Partial<AllocateAddressRequest>, region: string): void => {
  if (input.PublicIpv4Pool !== undefined && input.PublicIpv4Pool !== PUBLIC_POOL) {
    throw ec2Error('InvalidPublicIpv4PoolID.NotFound', `The pool ID '${input.PublicIpv4Pool}' does not exist.`)
  }
  if (input.CustomerOwnedIpv4Pool !== undefined || input.IpamPoolId !== undefined) {
    throw ec2Error('UnsupportedOperation', 'Address pools of your own are not supported.')
  }
  if (input.NetworkBorderGroup !== undefined && input.NetworkBorderGroup !== region) {
    throw invalidValue(input.NetworkBorderGroup, 'networkBorderGroup', 'This is not a valid network border group.')
  }
}

export const allocateAddress: Operation<AllocateAddressRequest, AllocateAddressResult> = async (input, call) => {
  const { scope, random } = call
  checkPlace(input, scope.region)
  const tags = requestedTags(input.TagSpecifications, ADDRESS)
  const pool = call.settings.publicAddressPool ?? PUBLIC_ADDRESS_POOL
  const address = await call.store.write(async (tx): Promise<AddressRecord> => {
    if ((await inScope(tx, addresses, scope)).length >= ADDRESSES_PER_REGION) throw tooMany()
    const now = call.clock.now()
    const publicIp = input.Address ?? (await freePublicAddressIn(tx, pool, now, random))
    if (publicIp === undefined) throw tooMany()
    if (input.Address !== undefined) {
      const wanted = parseCidr(`${publicIp}/32`)
      // One that was released can be asked for again, while nobody else has it.
      if (wanted === undefined || !cidrContains(knownCidr(pool), wanted) || (await isPublicTaken(tx, publicIp, now))) {
        throw ec2Error('InvalidAddress.NotFound', `Address '${publicIp}' not found.`)
      }
    }
    const allocated = { id: newEc2Id(ADDRESS.prefix, random), scope, publicIp, tags }
    await tx.put(addresses, allocated)
    return allocated
  })
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    PublicIpv4Pool: PUBLIC_POOL,
    NetworkBorderGroup: scope.region,
    Domain: 'vpc',
  }
}
