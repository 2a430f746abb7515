// What EC2 calls each kind of resource in ids, tags and refusals.

import type { ResourceType } from '@aws-sdk/client-ec2'
import type { AwsError } from '#aws/refusal.ts'
import { ec2Error } from '../errors.ts'

export interface ResourceKind {
  /** Ids are this, a hyphen and 17 hexadecimal digits. */
  readonly prefix: string
  readonly type: ResourceType
  /** The code of "does not exist", and of "is no id". EC2's spelling differs from kind to kind. */
  readonly notFound: string
  readonly malformed: string
  /** As it stands in texts: "The vpc ID 'vpc-…' does not exist". */
  readonly noun: string
}

const kind = (prefix: string, type: ResourceType, noun: string, notFound: string, malformed: string): ResourceKind => ({
  prefix,
  type,
  noun,
  notFound: `${notFound}.NotFound`,
  malformed: `${malformed}.Malformed`,
})

export const VPC = kind('vpc', 'vpc', 'vpc', 'InvalidVpcID', 'InvalidVpcID')
export const SUBNET = kind('subnet', 'subnet', 'subnet', 'InvalidSubnetID', 'InvalidSubnetID')
export const SECURITY_GROUP = kind('sg', 'security-group', 'security group', 'InvalidGroup', 'InvalidGroupId')
export const SECURITY_GROUP_RULE = kind(
  'sgr',
  'security-group-rule',
  'security group rule',
  'InvalidSecurityGroupRuleId',
  'InvalidSecurityGroupRuleId',
)
export const INTERNET_GATEWAY = kind(
  'igw',
  'internet-gateway',
  'internetGateway',
  'InvalidInternetGatewayID',
  'InvalidInternetGatewayId',
)
export const ROUTE_TABLE = kind('rtb', 'route-table', 'routeTable', 'InvalidRouteTableID', 'InvalidRouteTableId')
export const NETWORK_INTERFACE = kind(
  'eni',
  'network-interface',
  'networkInterface',
  'InvalidNetworkInterfaceID',
  'InvalidNetworkInterfaceId',
)
/** Routes know it by another code: InvalidNatGatewayID.NotFound. */
export const NAT_GATEWAY: ResourceKind = {
  ...kind('nat', 'natgateway', 'natGateway', 'NatGateway', 'NatGateway'),
  notFound: 'NatGatewayNotFound',
  malformed: 'NatGatewayMalformed',
}
export const EGRESS_ONLY_INTERNET_GATEWAY = kind(
  'eigw',
  'egress-only-internet-gateway',
  'egressOnlyInternetGateway',
  'InvalidGatewayID',
  'InvalidEgressOnlyInternetGatewayId',
)
/** Elastic IP addresses. */
export const ADDRESS = kind('eipalloc', 'elastic-ip', 'allocation', 'InvalidAllocationID', 'InvalidAllocationID')

export const NETWORK_ACL = kind('acl', 'network-acl', 'networkAcl', 'InvalidNetworkAclID', 'InvalidNetworkAclId')
export const DHCP_OPTIONS = kind('dopt', 'dhcp-options', 'dhcpOption', 'InvalidDhcpOptionID', 'InvalidDhcpOptionsId')
export const VPC_ENDPOINT = kind('vpce', 'vpc-endpoint', 'Vpc Endpoint', 'InvalidVpcEndpointId', 'InvalidVpcEndpointId')
export const PREFIX_LIST = kind('pl', 'prefix-list', 'prefix list', 'InvalidPrefixListID', 'InvalidPrefixListId')
export const FLOW_LOG = kind('fl', 'vpc-flow-log', 'flow log', 'InvalidFlowLogId', 'InvalidFlowLogId')

/** A group is named without the word "ID": "The security group 'sg-…' does not exist". */
const named = (of: ResourceKind, id: string): string => {
  if (of === SECURITY_GROUP) return `The security group '${id}'`
  return `The ${of.noun} ${of === VPC_ENDPOINT ? 'Id' : 'ID'} '${id}'`
}

export const notFound = (of: ResourceKind, id: string): AwsError =>
  ec2Error(of.notFound, of === NAT_GATEWAY ? `NatGateway ${id} was not found` : `${named(of, id)} does not exist`)

/** Refuses a text that is no id of this kind. EC2 takes ids of 8 digits, from before 2016, and of 17. */
export const checkId = (of: ResourceKind, id: string): void => {
  if (!id.startsWith(`${of.prefix}-`)) {
    throw ec2Error(of.malformed, `Invalid id: "${id}" (expecting "${of.prefix}-...")`)
  }
  if (!/^([0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(of.prefix.length + 1))) {
    throw ec2Error(of.malformed, `Invalid id: "${id}"`)
  }
}
