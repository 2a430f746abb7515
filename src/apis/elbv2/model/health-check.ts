// Health checks: AWS's defaults for each kind of group, and what it refuses.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html)

import type { Matcher } from '@aws-sdk/client-elastic-load-balancing-v2'
import { InvalidConfigurationRequest, validationError } from '../errors.ts'
import type { HealthCheck, HealthCheckProtocol, TargetGroupRecord } from './target-group.ts'

/** What a call says of the health check. */
export interface HealthCheckInput {
  readonly HealthCheckProtocol?: string | undefined
  readonly HealthCheckPort?: string | undefined
  readonly HealthCheckEnabled?: boolean | undefined
  readonly HealthCheckPath?: string | undefined
  readonly HealthCheckIntervalSeconds?: number | undefined
  readonly HealthCheckTimeoutSeconds?: number | undefined
  readonly HealthyThresholdCount?: number | undefined
  readonly UnhealthyThresholdCount?: number | undefined
  readonly Matcher?: Matcher | undefined
}

type Group = Pick<TargetGroupRecord, 'targetType' | 'protocol' | 'protocolVersion'>

const isOfHttp = ({ targetType, protocol }: Group): boolean =>
  targetType === 'lambda' || protocol === 'HTTP' || protocol === 'HTTPS'

const allowedProtocols = (group: Group): readonly HealthCheckProtocol[] =>
  isOfHttp(group) || group.targetType === 'alb' ? ['HTTPS', 'HTTP'] : ['HTTPS', 'HTTP', 'TCP']

const defaultTimeout = (group: Group, protocol: HealthCheckProtocol): number => {
  if (group.targetType === 'lambda') return 30
  if (isOfHttp(group)) return 5
  return protocol === 'TCP' ? 10 : 6
}

const defaultMatcher = (group: Group): string => {
  if (group.protocolVersion === 'GRPC') return '12'
  return isOfHttp(group) ? '200' : '200-399'
}

/** What AWS checks when a call says nothing. */
export const defaultHealthCheck = (group: Group, protocol?: HealthCheckProtocol): HealthCheck => {
  const chosen = protocol ?? (isOfHttp(group) || group.targetType === 'alb' ? 'HTTP' : 'TCP')
  const isFunction = group.targetType === 'lambda'
  return {
    enabled: !isFunction,
    protocol: chosen,
    port: 'traffic-port',
    ...(chosen === 'TCP' ? {} : { path: group.protocolVersion === 'GRPC' ? '/AWS.ALB/healthcheck' : '/' }),
    intervalSeconds: isFunction ? 35 : 30,
    timeoutSeconds: defaultTimeout(group, chosen),
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    ...(chosen === 'TCP' ? {} : { matcher: defaultMatcher(group) }),
  }
}

/** Of HTTP the range depends on who asks: load balancers of either kind take other codes for healthy. */
const codeRange = (group: Group): readonly [noun: string, least: number, most: number] => {
  if (group.protocolVersion === 'GRPC') return ['GRPC', 0, 99]
  return ['HTTP', 200, isOfHttp(group) ? 499 : 599]
}

const checkMatcher = (group: Group, text: string): void => {
  const [noun, least, most] = codeRange(group)
  const codes = text.split(',').flatMap((part) => {
    const [first = '', last = first, ...rest] = part.split('-')
    const isRange = rest.length === 0 && /^\d{1,3}$/.test(first) && /^\d{1,3}$/.test(last)
    if (!isRange || Number(first) > Number(last)) {
      throw validationError(`Health check matcher ${noun} code '${text}' must be a code, a list or a range of codes`)
    }
    return [Number(first), Number(last)]
  })
  if (codes.some((code) => code < least || code > most)) {
    throw validationError(`Health check matcher ${noun} code '${text}' must be within '${least}-${most}' inclusive`)
  }
}

const requestedMatcher = (group: Group, matcher: Matcher): string => {
  const { HttpCode, GrpcCode } = matcher
  if ((HttpCode ?? '') !== '' && (GrpcCode ?? '') !== '') {
    throw validationError('You cannot specify both an HTTP code and a gRPC code')
  }
  const isGrpc = group.protocolVersion === 'GRPC'
  const text = isGrpc ? GrpcCode : HttpCode
  if (text === undefined || text === '')
    throw validationError(`A ${isGrpc ? 'gRPC' : 'HTTP'} code must be specified in the matcher`)
  checkMatcher(group, text)
  return text
}

const requestedPort = (text: string): number | 'traffic-port' => {
  if (text === 'traffic-port') return text
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) {
    throw validationError(`Health check port '${text}' must be in the range 1-65535 or 'traffic-port'`)
  }
  return Number(text)
}

const checkPath = (path: string): void => {
  if (!path.startsWith('/')) throw validationError(`Health check path '${path}' must begin with a '/' character`)
  // It becomes part of a request line.
  if (!/^[\x21-\x7e]+$/.test(path)) {
    throw validationError(`Health check path '${path}' contains a character that is not valid`)
  }
}

const checkTimes = (group: Group, check: HealthCheck): void => {
  const isConnection = !isOfHttp(group) && check.protocol === 'TCP'
  const isTooLong = isConnection
    ? check.timeoutSeconds > check.intervalSeconds
    : check.timeoutSeconds >= check.intervalSeconds
  if (isTooLong) throw validationError('Health check interval must be greater than the timeout.')
}

const checkEnabled = (group: Group, enabled: boolean): void => {
  if (enabled || group.targetType === 'lambda') return
  throw InvalidConfigurationRequest(
    `Health check enabled must be true for target groups with target type '${group.targetType}'`,
  )
}

const requestedProtocol = (group: Group, text: string | undefined): HealthCheckProtocol | undefined => {
  if (text === undefined) return undefined
  const allowed = allowedProtocols(group)
  const found = allowed.find((one) => one === text)
  if (found === undefined) {
    throw validationError(`Health check protocol '${text}' must be one of '${allowed.join(', ')}'`)
  }
  return found
}

/** A change of protocol brings the new protocol's path, timeout and matcher where there were none. */
const base = (
  group: Group,
  before: HealthCheck | undefined,
  protocol: HealthCheckProtocol | undefined,
): HealthCheck => {
  if (before === undefined) return defaultHealthCheck(group, protocol)
  if (protocol === undefined || protocol === before.protocol) return before
  const { path, matcher, ...rest } = before
  const fresh = defaultHealthCheck(group, protocol)
  if (protocol === 'TCP') return { ...rest, protocol }
  return { ...fresh, ...rest, protocol, path: path ?? fresh.path ?? '/', matcher: matcher ?? defaultMatcher(group) }
}

const isEmpty = (matcher: Matcher | undefined): boolean =>
  (matcher?.HttpCode ?? '') === '' && (matcher?.GrpcCode ?? '') === ''

/** An empty text says nothing. */
const said = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** The health check that a call asks for; `before`: the one that it changes. */
export const requestedHealthCheck = (group: Group, input: HealthCheckInput, before?: HealthCheck): HealthCheck => {
  const found = base(group, before, requestedProtocol(group, said(input.HealthCheckProtocol)))
  const path = said(input.HealthCheckPath)
  const port = said(input.HealthCheckPort)
  const matcher = isEmpty(input.Matcher) ? undefined : input.Matcher
  if (found.protocol === 'TCP' && (path !== undefined || matcher !== undefined)) {
    throw InvalidConfigurationRequest('Health checks with the TCP protocol have neither a path nor a matcher')
  }
  if (path !== undefined) checkPath(path)
  const check: HealthCheck = {
    ...found,
    enabled: input.HealthCheckEnabled ?? found.enabled,
    port: port === undefined ? found.port : requestedPort(port),
    ...(path === undefined ? {} : { path }),
    intervalSeconds: input.HealthCheckIntervalSeconds ?? found.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? found.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? found.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? found.unhealthyThreshold,
    ...(matcher === undefined ? {} : { matcher: requestedMatcher(group, matcher) }),
  }
  checkEnabled(group, check.enabled)
  checkTimes(group, check)
  return check
}
