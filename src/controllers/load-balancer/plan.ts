// What a load balancer is to do, from what is recorded about it. Pure.

import { sslPolicyNamed } from '#apis/elbv2/model/ssl-policy.ts'
import type { ActionRecord } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { ConditionRecord, RuleRecord } from '#apis/elbv2/model/rule.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { isInEnabledZone } from '#apis/elbv2/model/target-health.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import type {
  ActionPlan,
  BalancerPlan,
  CertificatePlan,
  ConditionPlan,
  DoorPlan,
  GroupPlan,
  ListenerPlan,
  TlsPlan,
  TlsVersion,
} from '#dataplane/balancer/balancer.ts'
import { balancerSettings, groupSettings, listenerSettings } from './attributes.ts'
import type { Facts, GroupFacts } from './facts.ts'
import { HOLD_SECONDS, STICKY_SECONDS } from './limits.ts'

/** Names of its processes and files: letters, digits and dashes. */
export const balancerId = ({ type, name, id }: Pick<LoadBalancerRecord, 'type' | 'name' | 'id'>): string =>
  `${type === 'application' ? 'app' : 'net'}-${name}-${id}`

/** Certificate and key by ARN; those that cannot be had are absent. */
export type Certificates = ReadonlyMap<string, string>

const conditionPlan = (condition: ConditionRecord): ConditionPlan => {
  switch (condition.field) {
    case 'host-header':
      return { on: 'host', patterns: condition.values }
    case 'path-pattern':
      return { on: 'path', patterns: condition.values }
    case 'http-header':
      return { on: 'header', name: condition.name, patterns: condition.values }
    case 'http-request-method':
      return { on: 'method', methods: condition.values }
    case 'query-string':
      return { on: 'query', pairs: condition.values }
    case 'source-ip':
      return { on: 'source', cidrs: condition.values }
  }
}

/** The one that ends the request: the last. */
const actionPlan = (actions: readonly ActionRecord[], ids: ReadonlyMap<string, string>): ActionPlan => {
  const action = actions.at(-1)
  switch (action?.type) {
    case 'forward': {
      const groups = action.targetGroups.flatMap(({ arn, weight }) => {
        const id = ids.get(arn)
        return id === undefined ? [] : [{ id, weight }]
      })
      const { enabled = false, durationSeconds = STICKY_SECONDS } = action.stickiness ?? {}
      return { do: 'forward', groups, ...(enabled ? { stickySeconds: durationSeconds } : {}) }
    }
    case 'redirect':
      return { ...action, do: 'redirect', status: action.statusCode === 'HTTP_301' ? 301 : 302 }
    case 'fixed-response':
      return {
        do: 'respond',
        status: Number(action.statusCode),
        contentType: action.contentType ?? 'text/plain',
        body: action.messageBody ?? '',
      }
    case undefined:
      throw new Error('a rule without an action')
  }
}

const VERSIONS: Readonly<Record<string, TlsVersion>> = {
  TLSv1: 'TLSv1.0',
  'TLSv1.1': 'TLSv1.1',
  'TLSv1.2': 'TLSv1.2',
  'TLSv1.3': 'TLSv1.3',
}

const tlsPlan = (policy: string): TlsPlan => {
  const { protocols, ciphers } = sslPolicyNamed(policy)
  const [newest, oldest] = [protocols[0], protocols.at(-1)].map((name = '') => VERSIONS[name])
  if (newest === undefined || oldest === undefined) throw new Error(`${policy} has no version`)
  return { oldest, newest, ciphers }
}

const listenerPlan = (
  balancer: LoadBalancerRecord,
  listener: ListenerRecord,
  rules: readonly RuleRecord[],
  ids: ReadonlyMap<string, string>,
  certificates: Certificates,
): ListenerPlan | undefined => {
  const { protocol, port, defaultCertificateArn, certificateArns, sslPolicy, defaultActions } = listener.spec
  const isSecure = protocol === 'HTTPS' || protocol === 'TLS'
  const arns = [...(defaultCertificateArn === undefined ? [] : [defaultCertificateArn]), ...certificateArns]
  const shown = arns.flatMap((arn): CertificatePlan[] => {
    const pem = certificates.get(arn)
    return pem === undefined ? [] : [{ id: arn.slice(arn.lastIndexOf('/') + 1), pem }]
  })
  // Without any certificate nobody could connect anyway.
  if (isSecure && shown.length === 0) return undefined
  return {
    id: listener.id,
    port,
    protocol,
    certificates: isSecure ? shown : [],
    ...(isSecure && sslPolicy !== undefined ? { tls: tlsPlan(sslPolicy) } : {}),
    ...listenerSettings(listener, balancer),
    rules: [
      ...rules.map(({ spec }) => ({
        conditions: spec.conditions.map(conditionPlan),
        action: actionPlan(spec.actions, ids),
      })),
      { conditions: [], action: actionPlan(defaultActions, ids) },
    ],
  }
}

/** Where a target answers: at its own address, or at each of the load balancer that it is. */
export const addressesOf = (
  { addressesBehind }: Pick<Facts, 'addressesBehind'>,
  { targetType }: TargetGroupRecord,
  { id }: TargetRecord,
): readonly string[] => (targetType === 'alb' ? (addressesBehind.get(id) ?? []) : [id])

const groupPlan = (facts: Facts, { group, targets, isHeld = false }: GroupFacts): GroupPlan => {
  const { healthCheck } = group.spec
  return {
    id: group.id,
    // Functions have none: there are none either.
    protocol: group.protocol ?? 'HTTP',
    version: group.protocolVersion ?? 'HTTP1',
    ...groupSettings(group),
    ...(isHeld ? { holdSeconds: HOLD_SECONDS } : {}),
    healthCheck: {
      protocol: healthCheck.protocol,
      ...(healthCheck.port === 'traffic-port' ? {} : { port: healthCheck.port }),
      path: healthCheck.path ?? '/',
      matcher: healthCheck.matcher ?? '200',
      intervalSeconds: healthCheck.intervalSeconds,
      timeoutSeconds: healthCheck.timeoutSeconds,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
    targets: targets
      .filter((target) => isInEnabledZone(target, facts.balancer))
      .flatMap((target) => {
        const { port = 0, spec } = target
        const isDraining = spec.deregisteredAt !== undefined
        return addressesOf(facts, group, target).map((address) => ({ address, port, isDraining }))
      }),
  }
}

/** Undefined until its interfaces are there. */
export const balancerPlan = (facts: Facts, certificates: Certificates): BalancerPlan | undefined => {
  const { balancer, interfaces } = facts
  const wanted = balancer.status.addresses.filter(({ subnetId }) =>
    balancer.spec.subnets.some((subnet) => subnet.subnetId === subnetId),
  )
  const doors = wanted.flatMap(({ networkInterfaceId, privateIp, ipv6Address }): DoorPlan[] => {
    const { namespacePath } = interfaces.get(networkInterfaceId)?.status ?? {}
    const isDual = balancer.spec.ipAddressType !== 'ipv4' && ipv6Address !== undefined
    return namespacePath === undefined
      ? []
      : [{ namespacePath, address: privateIp, ...(isDual ? { ipv6Address } : {}) }]
  })
  const [first, ...others] = doors
  if (first === undefined || doors.length < balancer.spec.subnets.length) return undefined
  const groups = facts.groups.map((group) => groupPlan(facts, group))
  const ids = new Map(facts.groups.map(({ group }) => [group.arn as string, group.id]))
  const { hostAddress } = balancer.status
  return {
    id: balancerId(balancer),
    kind: balancer.type,
    doors: [first, ...others],
    hostAddresses: hostAddress === undefined ? [] : [hostAddress],
    listeners: facts.listeners.flatMap(
      ({ listener, rules }) => listenerPlan(balancer, listener, rules, ids, certificates) ?? [],
    ),
    groups,
    ...balancerSettings(balancer),
  }
}
