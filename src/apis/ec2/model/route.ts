// A route: as callers ask for it, and whether what it leads to is there. Pure.

import type { CreateRouteRequest, DeleteRouteRequest, Route } from '@aws-sdk/client-ec2'
import { ec2Error, invalidCombination, invalidParameter, invalidValue, missingParameter } from '../errors.ts'
import { cidrContains, cidrText, knownCidr, parseCidr } from './cidr.ts'
import type { RouteRecord, VpcRecord } from './records.ts'
import { checkId, PREFIX_LIST } from './resource-kind.ts'

export const LOCAL = 'local'

export type Destination = Omit<RouteRecord, 'target'>

type Named = { readonly [K in keyof DeleteRouteRequest]?: DeleteRouteRequest[K] }

const requestedBlock = (text: string, family: 4 | 6, parameter: string): string => {
  const cidr = parseCidr(text)
  if (cidr?.family !== family) throw invalidValue(text, parameter, 'This is not a valid CIDR block.')
  return cidrText(cidr)
}

/** Where a route leads; host bits of blocks are cut off, as EC2 does. */
export const requestedDestination = (input: Named): Destination => {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input
  const given = [DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId].filter(
    (text) => text !== undefined,
  )
  if (given.length > 1) {
    throw invalidCombination(
      'The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId',
    )
  }
  if (DestinationCidrBlock !== undefined) {
    return { destinationCidr: requestedBlock(DestinationCidrBlock, 4, 'destinationCidrBlock') }
  }
  if (DestinationIpv6CidrBlock !== undefined) {
    return { destinationIpv6Cidr: requestedBlock(DestinationIpv6CidrBlock, 6, 'destinationIpv6CidrBlock') }
  }
  if (DestinationPrefixListId === undefined) throw missingParameter('destinationCidrBlock')
  checkId(PREFIX_LIST, DestinationPrefixListId)
  return { destinationPrefixListId: DestinationPrefixListId }
}

/** What tells the routes of one table apart. */
export const destinationText = (route: Destination): string =>
  route.destinationCidr ?? route.destinationIpv6Cidr ?? route.destinationPrefixListId ?? ''

export const sameDestination = (a: Destination, b: Destination): boolean => destinationText(a) === destinationText(b)

/** As EC2 names a destination that is not there: "destination-cidr-block 10.0.0.0/8". */
export const destinationName = (route: Destination): string => {
  if (route.destinationCidr !== undefined) return `destination-cidr-block ${route.destinationCidr}`
  if (route.destinationIpv6Cidr !== undefined) return `destination-ipv6-cidr-block ${route.destinationIpv6Cidr}`
  return `destination-prefix-list-id ${route.destinationPrefixListId}`
}

/** Every way to say what a route goes by. */
const TARGETS = [
  'GatewayId',
  'NatGatewayId',
  'EgressOnlyInternetGatewayId',
  'NetworkInterfaceId',
  'VpcEndpointId',
  'InstanceId',
  'VpcPeeringConnectionId',
  'TransitGatewayId',
  'LocalGatewayId',
  'CarrierGatewayId',
  'CoreNetworkArn',
  'OdbNetworkArn',
] as const satisfies readonly (keyof CreateRouteRequest)[]

export type TargetName = (typeof TARGETS)[number]

/** The one target that was named, and how. */
export const requestedTarget = (input: { readonly [K in TargetName]?: string | undefined }): {
  readonly name: TargetName
  readonly id: string
} => {
  const given = TARGETS.filter((target) => input[target] !== undefined)
  const [name] = given
  if (name === undefined || given.length > 1) {
    throw invalidParameter(
      'The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcEndpointId, ' +
        'egressOnlyInternetGatewayId.',
    )
  }
  return { name, id: input[name] ?? '' }
}

/** IPv4 may not leave by a gateway for IPv6, and inside of the VPC only an interface may stand in the way. */
export const checkRoute = (route: RouteRecord, vpc: VpcRecord): void => {
  if (route.target.startsWith('eigw-') && route.destinationIpv6Cidr === undefined) {
    throw invalidParameter(
      `Egress-only internet gateway ${route.target} can only be the target of routes to IPv6 address blocks`,
    )
  }
  if (route.destinationPrefixListId !== undefined || route.target.startsWith('eni-')) return
  const destination = knownCidr(destinationText(route))
  const blocks = [...vpc.cidrs, ...(vpc.ipv6Cidrs ?? []).map(({ cidr }) => cidr)]
  if (!blocks.some((block) => cidrContains(knownCidr(block), destination))) return
  throw ec2Error(
    'InvalidParameterValue',
    `The destination CIDR block ${destinationText(route)} is equal to or more specific than one of this VPC's CIDR ` +
      'blocks. This route can target only an interface or an instance.',
  )
}

/** `liveTargets`: what routes of this VPC can go by now. */
export const routeState = (route: RouteRecord, liveTargets: ReadonlySet<string>): 'active' | 'blackhole' =>
  route.target === LOCAL || liveTargets.has(route.target) ? 'active' : 'blackhole'

const describedTarget = ({ target }: RouteRecord): Route => {
  if (target.startsWith('nat-')) return { NatGatewayId: target }
  if (target.startsWith('eigw-')) return { EgressOnlyInternetGatewayId: target }
  if (target.startsWith('eni-')) return { NetworkInterfaceId: target }
  // Gateway endpoints are shown as gateways.
  return { GatewayId: target }
}

const describedDestination = (route: Destination): Route => {
  if (route.destinationCidr !== undefined) return { DestinationCidrBlock: route.destinationCidr }
  if (route.destinationIpv6Cidr !== undefined) return { DestinationIpv6CidrBlock: route.destinationIpv6Cidr }
  return { DestinationPrefixListId: route.destinationPrefixListId }
}

export const describeRoute = (route: RouteRecord, liveTargets: ReadonlySet<string>): Route => ({
  ...describedDestination(route),
  ...describedTarget(route),
  Origin: route.target === LOCAL ? 'CreateRouteTable' : 'CreateRoute',
  State: routeState(route, liveTargets),
})
