// The default VPC: what a new account finds in every region, and what CreateDefaultVpc makes again.
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html)

import { newEc2Id } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import type { Transaction } from '#store/store.ts'
import { addressAt, type Cidr, cidrsOverlap, knownCidr, sizeOfCidr } from './model/cidr.ts'
import type { SubnetRecord, VpcRecord } from './model/records.ts'
import { INTERNET_GATEWAY } from './model/resource-kind.ts'
import { newSubnet } from './model/subnet.ts'
import { newVpc } from './model/vpc.ts'
import { zoneNames } from './model/zone.ts'
import { internetGateways, routeTables, securityGroups, subnets, vpcs } from './tables.ts'

const DEFAULT_VPC_CIDR = '172.31.0.0/16'
const DEFAULT_SUBNET_PREFIX = 20
/** In the first zones; CreateDefaultSubnet makes the others. */
const DEFAULT_SUBNETS = 3

/** The first block of the VPC, of a default subnet's size, that no subnet lies in; undefined when it is full. */
export const freeDefaultBlock = (vpc: VpcRecord, others: readonly SubnetRecord[]): Cidr | undefined => {
  const whole = knownCidr(vpc.cidrs[0]!)
  const size = 1n << BigInt(32 - DEFAULT_SUBNET_PREFIX)
  for (let offset = 0n; offset < sizeOfCidr(whole); offset += size) {
    const block = knownCidr(`${addressAt(whole, offset)}/${DEFAULT_SUBNET_PREFIX}`)
    if (!others.some((other) => cidrsOverlap(knownCidr(other.cidr), block))) return block
  }
  return undefined
}

/** Puts a default VPC with a subnet in each of three zones and a way out. */
export const putDefaultVpc = async (tx: Transaction, scope: Scope, random: Random): Promise<VpcRecord> => {
  const cidr = knownCidr(DEFAULT_VPC_CIDR)
  const { vpc, routeTable, securityGroup } = newVpc({ scope, cidr, isDefault: true, tags: [], random })
  const gatewayId = newEc2Id(INTERNET_GATEWAY.prefix, random)
  await tx.put(vpcs, vpc)
  await tx.put(securityGroups, securityGroup)
  await tx.put(internetGateways, { id: gatewayId, scope, vpcId: vpc.id, tags: [] })
  await tx.put(routeTables, {
    ...routeTable,
    routes: [...routeTable.routes, { destinationCidr: '0.0.0.0/0', target: gatewayId }],
  })
  const made: SubnetRecord[] = []
  for (const availabilityZone of zoneNames(scope.region).slice(0, DEFAULT_SUBNETS)) {
    const block = freeDefaultBlock(vpc, made)!
    made.push(newSubnet({ vpc, others: made, cidr: block, availabilityZone, defaultForAz: true, tags: [], random }))
  }
  for (const subnet of made) await tx.put(subnets, subnet)
  return vpc
}
