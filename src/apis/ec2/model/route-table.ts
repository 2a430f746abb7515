// A route table: its routes and associations, and how EC2 shows them. Pure.

import type { Route, RouteTable, RouteTableAssociation } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import type { RouteTableAssociationRecord, RouteTableRecord, VpcRecord } from './records.ts'
import { ROUTE_TABLE } from './resource-kind.ts'
import { describeRoute, LOCAL } from './route.ts'
import type { Selectable } from './selection.ts'

const ASSOCIATION_PREFIX = 'rtbassoc'

export const newAssociationId = (random: Random): string => newEc2Id(ASSOCIATION_PREFIX, random)

export const newRouteTable = (vpc: VpcRecord, random: Random): RouteTableRecord => ({
  id: newEc2Id(ROUTE_TABLE.prefix, random),
  scope: vpc.scope,
  vpcId: vpc.id,
  isMain: false,
  associations: [],
  routes: [
    ...vpc.cidrs.map((cidr) => ({ destinationCidr: cidr, target: LOCAL })),
    ...(vpc.ipv6Cidrs ?? []).map(({ cidr }) => ({ destinationIpv6Cidr: cidr, target: LOCAL })),
  ],
  tags: [],
})

export const newMainRouteTable = (vpc: VpcRecord, random: Random): RouteTableRecord => ({
  ...newRouteTable(vpc, random),
  isMain: true,
  associations: [{ id: newAssociationId(random) }],
})

export const isMainAssociation = ({ subnetId, gatewayId }: RouteTableAssociationRecord): boolean =>
  subnetId === undefined && gatewayId === undefined

/** The table, unless it says something of what comes in by a gateway that the VPC's router would not do. */
export const allowedRouteTable = (table: RouteTableRecord): RouteTableRecord => {
  const route = table.routes.find(({ target }) => target !== LOCAL)
  if (route === undefined || !table.associations.some(({ gatewayId }) => gatewayId !== undefined)) return table
  if (route.target.startsWith('eni-')) {
    throw ec2Error('UnsupportedOperation', 'What comes in by a gateway cannot be routed to a network interface.')
  }
  throw invalidParameter(
    `Route table ${table.id} is associated with a gateway and cannot have a route by ${route.target}`,
  )
}

/** `liveTargets`: what routes of this VPC can go by now; a route by anything else is a black hole. */
export const describeRouteTable = (table: RouteTableRecord, liveTargets: ReadonlySet<string>): RouteTable => ({
  RouteTableId: table.id,
  OwnerId: table.scope.account,
  VpcId: table.vpcId,
  Associations: table.associations.map((association) => ({
    RouteTableAssociationId: association.id,
    RouteTableId: table.id,
    Main: isMainAssociation(association),
    ...(association.subnetId === undefined ? {} : { SubnetId: association.subnetId }),
    ...(association.gatewayId === undefined ? {} : { GatewayId: association.gatewayId }),
    AssociationState: { State: 'associated' },
  })),
  PropagatingVgws: [],
  Routes: table.routes.map((route) => describeRoute(route, liveTargets)),
  Tags: [...table.tags],
})

const eachRoute =
  (member: keyof Route) =>
  (table: RouteTable): (string | undefined)[] =>
    table.Routes?.map((route) => route[member]) ?? []

const eachAssociation =
  (text: (association: RouteTableAssociation) => string | boolean | undefined) =>
  (table: RouteTable): (string | boolean | undefined)[] =>
    table.Associations?.map(text) ?? []

export const selectableRouteTable: Selectable<RouteTable> = {
  kind: ROUTE_TABLE,
  idOf: (table) => table.RouteTableId ?? '',
  tagsOf: (table) => table.Tags ?? [],
  filters: {
    'association.gateway-id': eachAssociation((association) => association.GatewayId),
    'association.route-table-association-id': eachAssociation((association) => association.RouteTableAssociationId),
    'association.route-table-id': eachAssociation((association) => association.RouteTableId),
    'association.subnet-id': eachAssociation((association) => association.SubnetId),
    'association.main': eachAssociation((association) => association.Main),
    'owner-id': (table) => [table.OwnerId],
    'route-table-id': (table) => [table.RouteTableId],
    'route.destination-cidr-block': eachRoute('DestinationCidrBlock'),
    'route.destination-ipv6-cidr-block': eachRoute('DestinationIpv6CidrBlock'),
    'route.destination-prefix-list-id': eachRoute('DestinationPrefixListId'),
    'route.egress-only-internet-gateway-id': eachRoute('EgressOnlyInternetGatewayId'),
    'route.gateway-id': eachRoute('GatewayId'),
    'route.instance-id': eachRoute('InstanceId'),
    'route.nat-gateway-id': eachRoute('NatGatewayId'),
    'route.transit-gateway-id': eachRoute('TransitGatewayId'),
    'route.origin': eachRoute('Origin'),
    'route.state': eachRoute('State'),
    'route.vpc-peering-connection-id': eachRoute('VpcPeeringConnectionId'),
    'vpc-id': (table) => [table.VpcId],
  },
}
