// Makes the default subnet of a zone that has none.

import type { CreateDefaultSubnetRequest, CreateDefaultSubnetResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { freeDefaultBlock } from '../default-vpc.ts'
import { ec2Error, missingParameter } from '../errors.ts'
import { describeSubnet, newSubnet, requestedZone } from '../model/subnet.ts'
import { defaultVpc, ofVpc, subnets } from '../tables.ts'

export const createDefaultSubnet: Operation<CreateDefaultSubnetRequest, CreateDefaultSubnetResult> = async (
  input,
  call,
) => {
  const { scope, random } = call
  const { AvailabilityZone, AvailabilityZoneId } = input
  if (AvailabilityZone === undefined && AvailabilityZoneId === undefined) throw missingParameter('availabilityZone')
  if (input.Ipv6Native === true) throw ec2Error('UnsupportedOperation', 'IPv6-only subnets are not supported.')
  const availabilityZone = requestedZone(scope.region, AvailabilityZone, AvailabilityZoneId)
  const subnet = await call.store.write(async (tx) => {
    const vpc = await defaultVpc(tx, scope)
    if (vpc === undefined) {
      throw ec2Error('DefaultVpcDoesNotExist', 'No default VPC exists for this account in this region.')
    }
    const others = await ofVpc(tx, subnets, scope, vpc.id)
    const there = others.find((other) => other.defaultForAz && other.availabilityZone === availabilityZone)
    if (there !== undefined) {
      const message = `'${there.id}' is already the default subnet in ${availabilityZone}.`
      throw ec2Error('DefaultSubnetAlreadyExistsInAvailabilityZone', message)
    }
    const cidr = freeDefaultBlock(vpc, others)
    if (cidr === undefined) {
      const message = 'The default VPC does not have enough free addresses for another default subnet.'
      throw ec2Error('InsufficientCidrBlocks', message)
    }
    const created = newSubnet({ vpc, others, cidr, availabilityZone, defaultForAz: true, tags: [], random })
    await tx.put(subnets, created)
    return created
  })
  return { Subnet: describeSubnet(subnet, 0) }
}
