// The services that VPC endpoints lead to, and how EC2 shows them. Pure.
// (https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html)

import type { ServiceDetail, VpcEndpointType } from '@aws-sdk/client-ec2'
import type { FilterTable } from '#aws/filters.ts'
import type { AwsError } from '#aws/refusal.ts'
import { dnsSuffix, type Scope } from '#aws/scope.ts'
import { ec2Error } from '../errors.ts'
import { derivedEc2Id } from './derived-id.ts'
import { zoneId, zoneNames } from './zone.ts'

/** By the last part of the service's name, the first part of its host names; those that differ are written out. */
const INTERFACE_SERVICES: Readonly<Record<string, string>> = {
  'application-autoscaling': 'application-autoscaling',
  ec2: 'ec2',
  ec2messages: 'ec2messages',
  'ecr.api': 'api.ecr',
  'ecr.dkr': '*.dkr.ecr',
  ecs: 'ecs',
  'ecs-agent': 'ecs-a',
  'ecs-telemetry': 'ecs-t',
  elasticfilesystem: 'elasticfilesystem',
  elasticloadbalancing: 'elasticloadbalancing',
  events: 'events',
  kms: 'kms',
  logs: 'logs',
  monitoring: 'monitoring',
  s3: '*.s3',
  secretsmanager: 'secretsmanager',
  servicediscovery: 'servicediscovery',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
  ssmmessages: 'ssmmessages',
  sts: 'sts',
}
const GATEWAY_SERVICES = ['dynamodb', 's3']

export interface EndpointService {
  /** e.g. "com.amazonaws.eu-west-1.logs" */
  readonly name: string
  readonly type: 'Gateway' | 'Interface'
  /** e.g. "logs.eu-west-1.amazonaws.com" */
  readonly privateDnsName?: string
}

/** Every service of a region; S3 is there twice, once for each type of endpoint. */
export const endpointServices = (scope: Scope): EndpointService[] => {
  const nameOf = (service: string): string => `com.amazonaws.${scope.region}.${service}`
  return [
    ...GATEWAY_SERVICES.map((service) => ({ name: nameOf(service), type: 'Gateway' as const })),
    ...Object.entries(INTERFACE_SERVICES).map(([service, host]) => ({
      name: nameOf(service),
      type: 'Interface' as const,
      privateDnsName: `${host}.${scope.region}.${dnsSuffix(scope)}`,
    })),
  ]
}

export const unknownService = (name: string): AwsError =>
  ec2Error('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`)

/** The service of this name and type, or EC2's refusal. */
export const requestedService = (scope: Scope, name: string, type: VpcEndpointType): EndpointService => {
  const named = endpointServices(scope).filter((service) => service.name === name)
  if (named.length === 0) throw unknownService(name)
  const found = named.find((service) => service.type === type)
  if (found !== undefined) return found
  const types = named.map((service) => service.type).join(', ')
  throw ec2Error('InvalidParameter', `Endpoint type (${type}) does not match available service types ([${types}]).`)
}

export const describeService = (service: EndpointService, scope: Scope): ServiceDetail => {
  const zones = zoneNames(scope.region)
  return {
    ServiceName: service.name,
    ServiceId: derivedEc2Id('vpce-svc', `${service.name} ${service.type}`),
    ServiceType: [{ ServiceType: service.type }],
    ServiceRegion: scope.region,
    AvailabilityZones: zones,
    AvailabilityZoneIds: zones.map(zoneId),
    Owner: 'amazon',
    BaseEndpointDnsNames: [
      `${service.name.split('.').slice(3).join('.')}.${scope.region}.${service.type === 'Gateway' ? '' : 'vpce.'}${dnsSuffix(scope)}`,
    ],
    ...(service.privateDnsName === undefined
      ? {}
      : {
          PrivateDnsName: service.privateDnsName,
          PrivateDnsNames: [{ PrivateDnsName: service.privateDnsName }],
          PrivateDnsNameVerificationState: 'verified' as const,
        }),
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    SupportedIpAddressTypes: ['ipv4'],
    Tags: [],
  }
}

export const serviceFilters: FilterTable<ServiceDetail> = {
  owner: (service) => [service.Owner],
  'service-name': (service) => [service.ServiceName],
  'service-region': (service) => [service.ServiceRegion],
  'service-type': (service) => service.ServiceType?.map((type) => type.ServiceType) ?? [],
  'supported-ip-address-types': (service) => service.SupportedIpAddressTypes ?? [],
}
