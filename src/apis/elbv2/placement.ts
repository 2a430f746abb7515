// Where a load balancer is to be: the subnets and security groups that a call names, as EC2 knows them.

import type { SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { cidrContains, knownCidr, parseCidr } from '../ec2/model/cidr.ts'
import { usableAddressCount } from '../ec2/model/interface-plan.ts'
import type { SubnetRecord } from '../ec2/model/records.ts'
import { DEFAULT_GROUP } from '../ec2/model/security-group.ts'
import {
  addressCountOfSubnet,
  addresses,
  ec2Key,
  interfacesOfSubnet,
  internetGateways,
  ofVpc,
  securityGroups,
  subnets,
} from '../ec2/tables.ts'
import {
  AllocationIdNotFound,
  InvalidConfigurationRequest,
  InvalidSecurityGroup,
  InvalidSubnet,
  ResourceInUse,
  SubnetNotFound,
  validationError,
} from './errors.ts'
import { loadBalancersOfScope } from './tables.ts'
import { FREE_ADDRESSES_NEEDED, SECURITY_GROUPS_PER_LOAD_BALANCER } from './model/limits.ts'
import type {
  LoadBalancerIpAddressType,
  LoadBalancerRecord,
  LoadBalancerScheme,
  LoadBalancerType,
  SubnetWish,
} from './model/load-balancer.ts'

/** What is known of a load balancer before its subnets are. */
export interface Placed {
  readonly type: LoadBalancerType
  readonly scheme: LoadBalancerScheme
}

interface SubnetNames {
  readonly Subnets?: readonly string[] | undefined
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined
}

const requestedMappings = ({ Subnets = [], SubnetMappings = [] }: SubnetNames, { type }: Placed): SubnetMapping[] => {
  if (Subnets.length > 0 && SubnetMappings.length > 0) {
    throw validationError('You cannot specify both subnets and subnet mappings')
  }
  const all = SubnetMappings.length > 0 ? SubnetMappings : Subnets.map((SubnetId) => ({ SubnetId }))
  if (type === 'application' && all.length < 2) {
    throw validationError('At least two subnets in two different Availability Zones must be specified')
  }
  if (all.length === 0) throw validationError('At least one subnet must be specified')
  return [...all]
}

const existingSubnet = async (reader: Reader, scope: Scope, id: string): Promise<SubnetRecord> => {
  const subnet = await reader.get(subnets, ec2Key(scope, id))
  if (subnet === undefined) throw SubnetNotFound(`The subnet ID '${id}' does not exist`)
  return subnet
}

const checkElasticAddress = async (
  reader: Reader,
  scope: Scope,
  id: string,
  { type, scheme }: Placed,
): Promise<void> => {
  if (type !== 'network' || scheme !== 'internet-facing') {
    throw InvalidConfigurationRequest(
      "Allocation IDs can be specified for internet-facing load balancers of type 'network' only",
    )
  }
  const address = await reader.get(addresses, ec2Key(scope, id))
  if (address === undefined) throw AllocationIdNotFound(`The allocation IDs '${id}' do not exist`)
  const others = await loadBalancersOfScope(reader, scope)
  const isWished = others.some(({ spec }) => spec.subnets.some(({ allocationId }) => allocationId === id))
  if (isWished || address.networkInterfaceId !== undefined || address.natGatewayId !== undefined) {
    throw ResourceInUse('The allocation IDs are not available for use')
  }
}

const checkPrivateAddress = async (
  reader: Reader,
  subnet: SubnetRecord,
  ip: string,
  { type, scheme }: Placed,
): Promise<void> => {
  if (type !== 'network' || scheme !== 'internal') {
    throw InvalidConfigurationRequest(
      "Private IPv4 addresses can be specified for internal load balancers of type 'network' only",
    )
  }
  const block = parseCidr(`${ip}/32`)
  if (block === undefined || !cidrContains(knownCidr(subnet.cidr), block)) {
    throw InvalidConfigurationRequest(`The private IPv4 address '${ip}' is not in the subnet '${subnet.id}'`)
  }
  const interfaces = await interfacesOfSubnet(reader, subnet)
  if (interfaces.some(({ spec }) => spec.privateIp === ip || spec.secondaryPrivateIps?.includes(ip))) {
    throw ResourceInUse(`The private IPv4 address '${ip}' is not available for use`)
  }
}

const checkRoom = async (reader: Reader, subnet: SubnetRecord): Promise<void> => {
  const free = usableAddressCount(subnet.cidr) - (await addressCountOfSubnet(reader, subnet))
  if (free < FREE_ADDRESSES_NEEDED) {
    const what = `ELB requires at least ${FREE_ADDRESSES_NEEDED} free IP addresses in each subnet`
    throw InvalidSubnet(`Not enough IP space available in ${subnet.id}. ${what}.`)
  }
}

/** Whether a call says of a place what it is already, or nothing. */
const isUnchanged = (before: SubnetWish, { AllocationId, PrivateIPv4Address, IPv6Address }: SubnetMapping): boolean =>
  (AllocationId ?? before.allocationId) === before.allocationId &&
  (PrivateIPv4Address ?? before.privateIp) === before.privateIp &&
  (IPv6Address ?? before.ipv6Address) === before.ipv6Address

/** `kept`: the places that a load balancer has already, with their addresses; nothing of them has to be free. */
const wishFor = async (
  reader: Reader,
  scope: Scope,
  mapping: SubnetMapping,
  placed: Placed,
  kept: readonly SubnetWish[],
): Promise<{ readonly wish: SubnetWish; readonly subnet: SubnetRecord }> => {
  const { SubnetId = '', AllocationId, PrivateIPv4Address, IPv6Address } = mapping
  const subnet = await existingSubnet(reader, scope, SubnetId)
  const before = kept.find(({ subnetId }) => subnetId === subnet.id)
  if (before !== undefined && isUnchanged(before, mapping)) return { wish: before, subnet }
  if (before === undefined) await checkRoom(reader, subnet)
  if (AllocationId !== undefined) await checkElasticAddress(reader, scope, AllocationId, placed)
  if (PrivateIPv4Address !== undefined) await checkPrivateAddress(reader, subnet, PrivateIPv4Address, placed)
  const wish = {
    subnetId: subnet.id,
    availabilityZone: subnet.availabilityZone,
    ...(AllocationId === undefined ? {} : { allocationId: AllocationId }),
    ...(PrivateIPv4Address === undefined ? {} : { privateIp: PrivateIPv4Address }),
    ...(IPv6Address === undefined ? {} : { ipv6Address: IPv6Address }),
  }
  return { wish, subnet }
}

/** Refuses other addresses in a subnet that a load balancer stays in: those that it has there stay as well. */
export const checkAddressesStay = (kept: readonly SubnetWish[], asked: readonly SubnetWish[]): void => {
  const moved = kept.find((before) => asked.some((one) => one.subnetId === before.subnetId && one !== before))
  if (moved === undefined) return
  throw InvalidConfigurationRequest(
    `The addresses of the load balancer in the subnet '${moved.subnetId}' cannot be changed`,
  )
}

/** The subnets that a call names, and the VPC they are in. Refuses what cannot hold a load balancer. */
export const requestedPlaces = async (
  reader: Reader,
  scope: Scope,
  input: SubnetNames,
  placed: Placed,
  kept: readonly SubnetWish[] = [],
): Promise<{ readonly vpcId: string; readonly subnets: readonly SubnetWish[] }> => {
  const found = []
  for (const mapping of requestedMappings(input, placed)) {
    found.push(await wishFor(reader, scope, mapping, placed, kept))
  }
  const vpcId = found[0]?.subnet.vpcId ?? ''
  if (found.some(({ subnet }) => subnet.vpcId !== vpcId)) {
    throw InvalidConfigurationRequest(`All subnets must belong to the same VPC: '${vpcId}'`)
  }
  const wishes = found.map(({ wish }) => wish)
  if (new Set(wishes.map(({ availabilityZone }) => availabilityZone)).size < wishes.length) {
    throw InvalidConfigurationRequest(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    )
  }
  if (placed.scheme === 'internet-facing' && (await ofVpc(reader, internetGateways, scope, vpcId)).length === 0) {
    throw InvalidSubnet(`VPC ${vpcId} has no internet gateway`)
  }
  return { vpcId, subnets: wishes }
}

/** The groups that a call names; of an application load balancer without, the VPC's default one. */
export const requestedGroups = async (
  reader: Reader,
  scope: Scope,
  ids: readonly string[] | undefined,
  of: Pick<LoadBalancerRecord, 'type' | 'vpcId'>,
): Promise<readonly string[]> => {
  const named = [...new Set(ids)]
  if (named.length > SECURITY_GROUPS_PER_LOAD_BALANCER) {
    throw InvalidConfigurationRequest(
      `A load balancer can have a maximum of '${SECURITY_GROUPS_PER_LOAD_BALANCER}' security groups`,
    )
  }
  for (const id of named) {
    const group = await reader.get(securityGroups, ec2Key(scope, id))
    if (group === undefined) throw InvalidSecurityGroup('One or more security groups are invalid')
    if (group.vpcId !== of.vpcId) {
      throw InvalidConfigurationRequest(`Security group '${id}' does not belong to VPC '${of.vpcId}'`)
    }
  }
  if (named.length > 0 || of.type === 'network') return named
  const groups = await ofVpc(reader, securityGroups, scope, of.vpcId)
  return groups.filter(({ name }) => name === DEFAULT_GROUP).map(({ id }) => id)
}

export const checkIpAddressType = ({ type, scheme }: Placed, asked: LoadBalancerIpAddressType): void => {
  if (asked === 'dualstack-without-public-ipv4' && (type === 'network' || scheme === 'internal')) {
    throw InvalidConfigurationRequest(
      `The IP address type '${asked}' is for internet-facing application load balancers only`,
    )
  }
}

/** Datagrams from clients that come by IPv6 would need it: there are none. */
export const checkSourceNat = (asked: 'on' | 'off' | undefined): void => {
  if (asked === 'on') throw InvalidConfigurationRequest('IPv6 prefixes for source NAT are not supported')
}

/** Clients that come by IPv6 need subnets that have some. */
export const checkIpv6 = async (
  reader: Reader,
  scope: Scope,
  asked: LoadBalancerIpAddressType,
  wishes: readonly SubnetWish[],
): Promise<void> => {
  if (asked === 'ipv4') return
  for (const { subnetId } of wishes) {
    const row = await reader.get(subnets, ec2Key(scope, subnetId))
    if ((row?.ipv6Cidrs ?? []).length > 0) continue
    throw InvalidSubnet(`The subnet '${subnetId}' must have an associated IPv6 CIDR block`)
  }
}
