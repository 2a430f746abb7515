// A VPC endpoint: what may be asked of it, and how EC2 shows it. Pure.
// (https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html)

import type { CreateVpcEndpointRequest, SecurityGroup, State, VpcEndpoint } from '@aws-sdk/client-ec2'
import type { AwsError } from '#aws/refusal.ts'
import { dnsSuffix } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import { ec2Error, invalidParameter, missingParameter } from '../errors.ts'
import { endpointServices } from './endpoint-service.ts'
import { ENDPOINT_POLICY_CHARACTERS } from './limits.ts'
import type { NetworkInterfaceRecord, SubnetRecord, VpcEndpointRecord, VpcRecord } from './records.ts'
import { VPC_ENDPOINT } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

/** The account of AWS that makes the interfaces of endpoints. */
export const ENDPOINT_REQUESTER = '727180483921'

const ALLOW_ALL = JSON.stringify({
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
})

const refused = (message: string): AwsError => ec2Error('InvalidParameter', message)

type Request = { readonly [K in keyof CreateVpcEndpointRequest]?: CreateVpcEndpointRequest[K] | undefined }

const has = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > 0

/** The type that a Create call asks for, when everything else in it fits the type. */
export const requestedEndpointType = (input: Request): VpcEndpointRecord['type'] => {
  const type = input.VpcEndpointType ?? 'Gateway'
  if (type !== 'Gateway' && type !== 'Interface') {
    throw ec2Error('UnsupportedOperation', `VPC endpoints of type ${type} are not supported.`)
  }
  if (input.ServiceName === undefined) throw missingParameter('serviceName')
  if (input.ServiceRegion !== undefined && !input.ServiceName.includes(`.${input.ServiceRegion}.`)) {
    throw ec2Error('UnsupportedOperation', 'Services of other regions are not supported.')
  }
  const isDual = input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4'
  const recordType = input.DnsOptions?.DnsRecordIpType
  if (isDual || (recordType !== undefined && recordType !== 'ipv4')) {
    throw ec2Error('UnsupportedOperation', 'VPC endpoints have IPv4 addresses only.')
  }
  if (has(input.SubnetConfigurations)) {
    throw ec2Error('UnsupportedOperation', 'The addresses of VPC endpoints cannot be chosen.')
  }
  if (type === 'Interface' && has(input.RouteTableIds)) {
    throw refused('Route table IDs are only supported for Gateway type VPC Endpoint.')
  }
  if (type === 'Interface') return type
  if (has(input.SubnetIds))
    throw refused('Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.')
  if (has(input.SecurityGroupIds)) throw refused('Security Groups are only supported for Interface type VPC Endpoints.')
  if (input.PrivateDnsEnabled === true) throw refused('Private DNS is only supported for Interface type VPC Endpoints.')
  return type
}

export const requestedPolicy = (text: string | undefined): { readonly policyDocument?: string } => {
  if (text === undefined || text === '') return {}
  if (text.length > ENDPOINT_POLICY_CHARACTERS) throw invalidParameter('The policy document is too long.')
  try {
    const policy: unknown = JSON.parse(text)
    if (typeof policy === 'object' && policy !== null && 'Statement' in policy) return { policyDocument: text }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw ec2Error('InvalidPolicyDocument', 'The policy document is not valid JSON or has no Statement.')
}

/** Refuses private DNS where names are not answered, or where another endpoint answers the same ones. */
export const checkPrivateDns = (vpc: VpcRecord, serviceName: string, others: readonly VpcEndpointRecord[]): void => {
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) {
    throw refused(
      'Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ' +
        vpc.id,
    )
  }
  if (!others.some((other) => other.privateDnsEnabled && other.serviceName === serviceName)) return
  const domain = privateDnsNameOf(vpc.scope, serviceName)
  throw refused(
    `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${domain} in the VPC ${vpc.id}`,
  )
}

/** One subnet in each zone. */
export const checkZones = (subnets: readonly SubnetRecord[]): void => {
  const second = subnets.find(
    (subnet, index) => subnets.findIndex((other) => other.availabilityZone === subnet.availabilityZone) < index,
  )
  if (second === undefined) return
  throw ec2Error(
    'DuplicateSubnetsInSameZone',
    `Found another VPC endpoint subnet in the availability zone of ${second.id}. VPC endpoint subnets should be in ` +
      'different availability zones supported by the VPC endpoint service.',
  )
}

const privateDnsNameOf = (scope: VpcRecord['scope'], serviceName: string): string | undefined =>
  endpointServices(scope).find(({ name, type }) => name === serviceName && type === 'Interface')?.privateDnsName

/** Of Route 53 in eu-west-1; nobody looks names up by it here. */
const HOSTED_ZONE = 'Z38GZ743OKFT7T'

/**
 * The names of an interface endpoint with the addresses that each has: its own, one for each of its zones, and the
 * service's where private DNS is on. A name may begin with "*.".
 */
export const endpointNames = (
  row: VpcEndpointRecord,
  interfaces: readonly NetworkInterfaceRecord[],
): { readonly name: string; readonly addresses: readonly string[] }[] => {
  if (row.type === 'Gateway') return []
  const own = interfaces.filter(({ id }) => row.networkInterfaceIds.includes(id))
  const addressesOf = (some: readonly NetworkInterfaceRecord[]): string[] => some.map(({ spec }) => spec.privateIp)
  const service = row.serviceName.split('.').slice(3).join('.')
  const [host, domain] = [
    `${row.id}-${row.id.slice(-8)}`,
    `${service}.${row.scope.region}.vpce.${dnsSuffix(row.scope)}`,
  ]
  const byZone = Map.groupBy(own, ({ spec }) => spec.availabilityZone)
  const zones = [...byZone].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const name = row.privateDnsEnabled ? privateDnsNameOf(row.scope, row.serviceName) : undefined
  return [
    { name: `${host}.${domain}`, addresses: addressesOf(own) },
    ...zones.map(([zone, there]) => ({ name: `${host}-${zone}.${domain}`, addresses: addressesOf(there) })),
    ...(name === undefined ? [] : [{ name, addresses: addressesOf(own) }]),
  ]
}

/** EC2 answers before the interfaces are there, and clients wait for them. */
const stateOf = (row: VpcEndpointRecord, interfaces: readonly NetworkInterfaceRecord[]): VpcEndpointRecord['state'] => {
  const own = interfaces.filter(({ id }) => row.networkInterfaceIds.includes(id))
  if (own.some(({ status }) => status.state === 'failed')) return 'failed'
  return own.every(({ status }) => status.state === 'attached') ? row.state : 'pending'
}

/** `groups`: at least those that the endpoint's interfaces are in; `interfaces`: at least these. */
export const describeVpcEndpoint = (
  row: VpcEndpointRecord,
  groups: readonly Pick<SecurityGroup, 'GroupId' | 'GroupName'>[],
  interfaces: readonly NetworkInterfaceRecord[],
): VpcEndpoint => ({
  VpcEndpointId: row.id,
  VpcEndpointType: row.type,
  VpcId: row.vpcId,
  ServiceName: row.serviceName,
  ServiceRegion: row.scope.region,
  // EC2 writes states in lower case, whatever its model says.
  State: stateOf(row, interfaces) as unknown as State,
  PolicyDocument: row.policyDocument ?? ALLOW_ALL,
  RouteTableIds: [...row.routeTableIds],
  SubnetIds: [...row.subnetIds],
  Groups: row.securityGroupIds.map((id) => ({
    GroupId: id,
    GroupName: groups.find(({ GroupId }) => GroupId === id)?.GroupName,
  })),
  ...(row.type === 'Interface' ? { IpAddressType: 'ipv4', DnsOptions: { DnsRecordIpType: 'ipv4' } } : {}),
  PrivateDnsEnabled: row.privateDnsEnabled,
  RequesterManaged: false,
  NetworkInterfaceIds: [...row.networkInterfaceIds],
  DnsEntries: endpointNames(row, interfaces).map(({ name }) => ({ DnsName: name, HostedZoneId: HOSTED_ZONE })),
  CreationTimestamp: recordedTime(row.createdAt),
  OwnerId: row.scope.account,
  Tags: [...row.tags],
})

export const selectableVpcEndpoint: Selectable<VpcEndpoint> = {
  kind: VPC_ENDPOINT,
  idOf: (row) => row.VpcEndpointId ?? '',
  tagsOf: (row) => row.Tags ?? [],
  smallestPage: 1,
  filters: {
    'ip-address-type': (row) => [row.IpAddressType],
    'service-name': (row) => [row.ServiceName],
    'service-region': (row) => [row.ServiceRegion],
    'vpc-endpoint-id': (row) => [row.VpcEndpointId],
    'vpc-endpoint-state': (row) => [row.State],
    'vpc-endpoint-type': (row) => [row.VpcEndpointType],
    'vpc-id': (row) => [row.VpcId],
  },
}
