// A route as callers ask for it. Pure.

import type { CreateRouteRequest, DeleteRouteRequest } from '@aws-sdk/client-ec2'
import { ec2Error, invalidParameter, invalidValue, missingParameter } from '../errors.ts'
import { cidrText, parseCidr } from './cidr.ts'
import type { RouteRecord } from './records.ts'

type Destination = Pick<DeleteRouteRequest, 'DestinationCidrBlock' | 'DestinationIpv6CidrBlock'> & {
  readonly DestinationPrefixListId?: string | undefined
}

/** The block a route leads to; host bits are cut off, as EC2 does. */
export const requestedDestination = (input: Destination): string => {
  if (input.DestinationIpv6CidrBlock !== undefined || input.DestinationPrefixListId !== undefined) {
    throw ec2Error('UnsupportedOperation', 'Only IPv4 address blocks are supported as destinations of routes.')
  }
  const text = input.DestinationCidrBlock
  if (text === undefined) throw missingParameter('destinationCidrBlock')
  const cidr = parseCidr(text)
  if (cidr?.family !== 4) throw invalidValue(text, 'destinationCidrBlock', 'This is not a valid CIDR block.')
  return cidrText(cidr)
}

const TARGETS = [
  'GatewayId',
  'NatGatewayId',
  'InstanceId',
  'NetworkInterfaceId',
  'VpcPeeringConnectionId',
  'TransitGatewayId',
  'LocalGatewayId',
  'CarrierGatewayId',
  'CoreNetworkArn',
  'OdbNetworkArn',
  'VpcEndpointId',
  'EgressOnlyInternetGatewayId',
] as const satisfies readonly (keyof CreateRouteRequest)[]

/** A route by an internet gateway: the only target there is so far. */
export const requestedRoute = (input: { [K in keyof CreateRouteRequest]?: CreateRouteRequest[K] }): RouteRecord => {
  const destinationCidr = requestedDestination(input)
  const given = TARGETS.filter((target) => input[target] !== undefined)
  const [target] = given
  if (target === undefined || given.length > 1) {
    throw invalidParameter('The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId.')
  }
  if (target !== 'GatewayId') throw ec2Error('UnsupportedOperation', `Routes by ${target} are not supported.`)
  return { destinationCidr, target: input.GatewayId ?? '' }
}
