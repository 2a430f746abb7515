// The attributes of load balancers.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html)

import {
  type AttributeKind,
  attributeOf,
  attributesWithDefaults,
  type AttributeValues,
  BOOLEAN,
  changedAttributes,
  numberFrom,
  oneOf,
} from './attribute.ts'
import { InvalidConfigurationRequest } from '../errors.ts'
import type { LoadBalancerRecord } from './load-balancer.ts'

type Of = Pick<LoadBalancerRecord, 'type' | 'scheme'>

const of = attributeOf<Of>()

const any = () => true
const application = ({ type }: Of) => type === 'application'
const network = ({ type }: Of) => type === 'network'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET: AttributeValues = { kind: 'text', longest: 63, pattern: /^[a-z0-9][a-z0-9.-]{2,62}$/ }
const PREFIX: AttributeValues = { kind: 'text', longest: 512 }

export const LOAD_BALANCER_ATTRIBUTES: readonly AttributeKind<Of>[] = [
  of(any, 'access_logs.s3.enabled', BOOLEAN, 'false'),
  of(any, 'access_logs.s3.bucket', BUCKET, ''),
  of(any, 'access_logs.s3.prefix', PREFIX, ''),
  of(application, 'idle_timeout.timeout_seconds', numberFrom(1, 4000), '60'),
  of(any, 'deletion_protection.enabled', BOOLEAN, 'false'),
  of(application, 'routing.http2.enabled', BOOLEAN, 'true'),
  of(application, 'routing.http.drop_invalid_header_fields.enabled', BOOLEAN, 'false'),
  of(application, 'routing.http.xff_client_port.enabled', BOOLEAN, 'false'),
  of(application, 'routing.http.preserve_host_header.enabled', BOOLEAN, 'false'),
  of(application, 'routing.http.xff_header_processing.mode', oneOf('append', 'preserve', 'remove'), 'append'),
  of(any, 'load_balancing.cross_zone.enabled', BOOLEAN, ({ type }) => String(type === 'application')),
  of(application, 'routing.http.desync_mitigation_mode', oneOf('monitor', 'defensive', 'strictest'), 'defensive'),
  of(application, 'client_keep_alive.seconds', numberFrom(60, 604_800), '3600'),
  of(application, 'waf.fail_open.enabled', BOOLEAN, 'false'),
  of(application, 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled', BOOLEAN, 'false'),
  of(any, 'zonal_shift.config.enabled', BOOLEAN, 'false'),
  of(application, 'connection_logs.s3.enabled', BOOLEAN, 'false'),
  of(application, 'connection_logs.s3.bucket', BUCKET, ''),
  of(application, 'connection_logs.s3.prefix', PREFIX, ''),
  of(application, 'health_check_logs.s3.enabled', BOOLEAN, 'false'),
  of(application, 'health_check_logs.s3.bucket', BUCKET, ''),
  of(application, 'health_check_logs.s3.prefix', PREFIX, ''),
  of(any, 'ipv6.deny_all_igw_traffic', BOOLEAN, ({ scheme }) => String(scheme === 'internal')),
  of(
    network,
    'dns_record.client_routing_policy',
    oneOf('any_availability_zone', 'availability_zone_affinity', 'partial_availability_zone_affinity'),
    'any_availability_zone',
  ),
  of(network, 'secondary_ips.auto_assigned.per_subnet', numberFrom(0, 7), '0'),
]

/** All attributes of this load balancer, set or by default. */
export const loadBalancerAttributes = (balancer: LoadBalancerRecord): ReadonlyMap<string, string> =>
  attributesWithDefaults(LOAD_BALANCER_ATTRIBUTES, balancer, balancer.spec.attributes)

const LOGS = ['access_logs', 'connection_logs', 'health_check_logs']

/** The load balancer with these attributes changed. */
export const withLoadBalancerAttributes = (
  balancer: LoadBalancerRecord,
  changes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): LoadBalancerRecord => {
  const { spec } = balancer
  const attributes = changedAttributes(LOAD_BALANCER_ATTRIBUTES, balancer, spec.attributes, changes, 'Load balancer')
  if (balancer.type === 'application' && attributes['load_balancing.cross_zone.enabled'] === 'false') {
    throw InvalidConfigurationRequest('Cross-zone load balancing cannot be disabled for application load balancers')
  }
  for (const log of LOGS) {
    if (attributes[`${log}.s3.enabled`] === 'true' && (attributes[`${log}.s3.bucket`] ?? '') === '') {
      throw InvalidConfigurationRequest(`The value of '${log}.s3.bucket' cannot be empty`)
    }
  }
  return { ...balancer, spec: { ...spec, attributes } }
}
