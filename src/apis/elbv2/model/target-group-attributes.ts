// The attributes of target groups.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html)

import {
  type AttributeKind,
  attributeOf,
  attributesWithDefaults,
  BOOLEAN,
  changedAttributes,
  isValidValue,
  numberFrom,
  oneOf,
} from './attribute.ts'
import { milliseconds } from '#aws/time.ts'
import { InvalidConfigurationRequest } from '../errors.ts'
import type { TargetGroupRecord } from './target-group.ts'

type Of = Pick<TargetGroupRecord, 'targetType' | 'protocol'>

/** The values that a group may have depend on its protocol for one attribute only, so each may look at the group. */
const of = attributeOf<Of>()

const isFunction = ({ targetType }: Of): boolean => targetType === 'lambda'
const isOfHttp = (group: Of): boolean =>
  !isFunction(group) && group.targetType !== 'alb' && (group.protocol === 'HTTP' || group.protocol === 'HTTPS')
const isOfNetwork = (group: Of): boolean => !isFunction(group) && !isOfHttp(group)
const isDatagram = ({ protocol }: Of): boolean => protocol === 'UDP' || protocol === 'TCP_UDP'
const any = () => true

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MOST_TARGETS = 1000
const A_WEEK_SECONDS = 604_800
/** RFC 6265's token, without the names that load balancers keep to themselves. */
const COOKIE_NAME = /^(?!AWSALB|AWSELB)[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

export const TARGET_GROUP_ATTRIBUTES: readonly AttributeKind<Of>[] = [
  of((group) => !isFunction(group), 'deregistration_delay.timeout_seconds', numberFrom(0, 3600), '300'),
  of(isOfNetwork, 'deregistration_delay.connection_termination.enabled', BOOLEAN, (group) => String(isDatagram(group))),
  of(any, 'stickiness.enabled', BOOLEAN, 'false'),
  of(isOfHttp, 'stickiness.type', oneOf('lb_cookie', 'app_cookie'), 'lb_cookie'),
  of(isOfNetwork, 'stickiness.type', oneOf('source_ip'), 'source_ip'),
  of(isFunction, 'stickiness.type', oneOf('lb_cookie'), 'lb_cookie'),
  of((group) => !isOfNetwork(group), 'stickiness.lb_cookie.duration_seconds', numberFrom(1, A_WEEK_SECONDS), '86400'),
  of(isOfHttp, 'stickiness.app_cookie.cookie_name', { kind: 'text', longest: 128, pattern: COOKIE_NAME }, ''),
  of(isOfHttp, 'stickiness.app_cookie.duration_seconds', numberFrom(1, A_WEEK_SECONDS), '86400'),
  of(isOfHttp, 'slow_start.duration_seconds', numberFrom(30, 900, '0'), '0'),
  of(
    isOfHttp,
    'load_balancing.algorithm.type',
    oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
    'round_robin',
  ),
  of(isOfHttp, 'load_balancing.algorithm.anomaly_mitigation', oneOf('on', 'off'), 'off'),
  of(
    any,
    'load_balancing.cross_zone.enabled',
    oneOf('true', 'false', 'use_load_balancer_configuration'),
    'use_load_balancer_configuration',
  ),
  of(any, 'target_group_health.dns_failover.minimum_healthy_targets.count', numberFrom(1, MOST_TARGETS, 'off'), '1'),
  of(any, 'target_group_health.dns_failover.minimum_healthy_targets.percentage', numberFrom(1, 100, 'off'), 'off'),
  of(
    any,
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count',
    numberFrom(1, MOST_TARGETS),
    '1',
  ),
  of(
    any,
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage',
    numberFrom(1, 100, 'off'),
    'off',
  ),
  of(isOfNetwork, 'proxy_protocol_v2.enabled', BOOLEAN, 'false'),
  of(isOfNetwork, 'preserve_client_ip.enabled', BOOLEAN, (group) =>
    String(!(group.targetType === 'ip' && (group.protocol === 'TCP' || group.protocol === 'TLS'))),
  ),
  of(isOfNetwork, 'target_health_state.unhealthy.connection_termination.enabled', BOOLEAN, (group) =>
    String(!isDatagram(group)),
  ),
  of(isOfNetwork, 'target_health_state.unhealthy.draining_interval_seconds', numberFrom(0, 360_000), '0'),
  of(isFunction, 'lambda.multi_value_headers.enabled', BOOLEAN, 'false'),
]

/** All attributes of this group, set or by default. */
export const targetGroupAttributes = (group: TargetGroupRecord): ReadonlyMap<string, string> =>
  attributesWithDefaults(TARGET_GROUP_ATTRIBUTES, group, group.spec.attributes)

/** When a target that was deregistered then, ISO 8601, is let go of at the latest. Milliseconds since 1970. */
export const drainEndsAt = (group: TargetGroupRecord, deregisteredAt: string): number =>
  milliseconds(deregisteredAt) +
  Number(targetGroupAttributes(group).get('deregistration_delay.timeout_seconds') ?? 0) * 1000

const STICKINESS_TYPES = ['lb_cookie', 'app_cookie', 'source_ip', 'source_ip_dest_ip', 'source_ip_dest_ip_proto']

/** What no table of single attributes can say. */
const checkTogether = (group: TargetGroupRecord, set: ReadonlyMap<string, string>): void => {
  const is = (key: string, value: string): boolean => set.get(key) === value
  if (is('stickiness.enabled', 'true') && is('stickiness.type', 'app_cookie')) {
    if (is('stickiness.app_cookie.cookie_name', '')) {
      throw InvalidConfigurationRequest('A cookie name must be specified for application-based stickiness')
    }
  }
  if (is('stickiness.enabled', 'true') && group.protocol === 'TLS') {
    throw InvalidConfigurationRequest('Stickiness is not supported for target groups with the TLS protocol')
  }
  if (!is('slow_start.duration_seconds', '0') && set.has('slow_start.duration_seconds')) {
    if (!is('load_balancing.algorithm.type', 'round_robin')) {
      throw InvalidConfigurationRequest('Slow start is supported with the round robin algorithm only')
    }
  }
  if (
    is('load_balancing.algorithm.anomaly_mitigation', 'on') &&
    !is('load_balancing.algorithm.type', 'weighted_random')
  ) {
    throw InvalidConfigurationRequest('Anomaly mitigation is supported with the weighted random algorithm only')
  }
  if (isDatagram(group) && is('preserve_client_ip.enabled', 'false')) {
    throw InvalidConfigurationRequest(
      `Client IP preservation cannot be disabled for target groups with the ${group.protocol} protocol`,
    )
  }
  const ends = is('target_health_state.unhealthy.connection_termination.enabled', 'true')
  if (isDatagram(group) && ends) {
    throw InvalidConfigurationRequest(
      `Unhealthy connection termination cannot be enabled for target groups with the ${group.protocol} protocol`,
    )
  }
  if (ends && !is('target_health_state.unhealthy.draining_interval_seconds', '0')) {
    throw InvalidConfigurationRequest(
      'An unhealthy draining interval can be set only when unhealthy connection termination is disabled',
    )
  }
}

/** The group with these attributes changed. */
export const withTargetGroupAttributes = (
  group: TargetGroupRecord,
  changes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): TargetGroupRecord => {
  const type = changes.find(({ Key }) => Key === 'stickiness.type')?.Value
  const kind = TARGET_GROUP_ATTRIBUTES.find(({ key, appliesTo }) => key === 'stickiness.type' && appliesTo(group))
  if (type !== undefined && STICKINESS_TYPES.includes(type) && kind !== undefined && !isValidValue(kind.values, type)) {
    throw InvalidConfigurationRequest(
      `Stickiness type '${type}' is not supported for target groups with the ${group.protocol} protocol`,
    )
  }
  const attributes = changedAttributes(TARGET_GROUP_ATTRIBUTES, group, group.spec.attributes, changes, 'Target group')
  const changed = { ...group, spec: { ...group.spec, attributes } }
  checkTogether(group, targetGroupAttributes(changed))
  return changed
}
