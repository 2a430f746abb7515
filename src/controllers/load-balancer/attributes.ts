// What the attributes of load balancers, listeners and target groups mean for the plan. Pure. Those that mean nothing for
// it are listed in the manual page of the API.

import { listenerAttributes } from '#apis/elbv2/model/listener-attributes.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import { loadBalancerAttributes } from '#apis/elbv2/model/load-balancer-attributes.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { targetGroupAttributes } from '#apis/elbv2/model/target-group-attributes.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { BalancerPlan, GroupPlan, ListenerPlan, StickinessPlan } from '#dataplane/balancer/balancer.ts'

type Attributes = ReadonlyMap<string, string>

const isTrue = (attributes: Attributes, key: string): boolean => attributes.get(key) === 'true'

/** Seconds: the default of TCP listeners, and what AWS says of TLS listeners. */
const STREAM_IDLE_SECONDS = 350

type BalancerSettings = Pick<
  BalancerPlan,
  'idleTimeoutSeconds' | 'dropInvalidHeaders' | 'preserveHost' | 'forwardedFor' | 'connectionSeconds' | 'keepsAccessLog'
>

const FORWARDED_MODES = ['append', 'preserve', 'remove'] as const

export const balancerSettings = (balancer: LoadBalancerRecord): BalancerSettings => {
  const attributes = loadBalancerAttributes(balancer)
  const connectionSeconds = attributes.get('client_keep_alive.seconds')
  const forwarded = attributes.get('routing.http.xff_header_processing.mode')
  return {
    idleTimeoutSeconds: Number(attributes.get('idle_timeout.timeout_seconds') ?? STREAM_IDLE_SECONDS),
    dropInvalidHeaders: isTrue(attributes, 'routing.http.drop_invalid_header_fields.enabled'),
    preserveHost: isTrue(attributes, 'routing.http.preserve_host_header.enabled'),
    forwardedFor: {
      mode: FORWARDED_MODES.find((mode) => mode === forwarded) ?? 'append',
      withPort: isTrue(attributes, 'routing.http.xff_client_port.enabled'),
    },
    ...(connectionSeconds === undefined ? {} : { connectionSeconds: Number(connectionSeconds) }),
    keepsAccessLog: isTrue(attributes, 'access_logs.s3.enabled'),
  }
}

const ALPN: Readonly<Record<string, readonly string[]>> = {
  HTTP1Only: ['http/1.1'],
  HTTP2Only: ['h2'],
  HTTP2Optional: ['http/1.1', 'h2'],
  HTTP2Preferred: ['h2', 'http/1.1'],
  None: [],
}

const RESPONSE_HEADERS: Readonly<Record<string, string>> = {
  strict_transport_security: 'Strict-Transport-Security',
  access_control_allow_origin: 'Access-Control-Allow-Origin',
  access_control_allow_methods: 'Access-Control-Allow-Methods',
  access_control_allow_headers: 'Access-Control-Allow-Headers',
  access_control_allow_credentials: 'Access-Control-Allow-Credentials',
  access_control_expose_headers: 'Access-Control-Expose-Headers',
  access_control_max_age: 'Access-Control-Max-Age',
  content_security_policy: 'Content-Security-Policy',
  x_content_type_options: 'X-Content-Type-Options',
  x_frame_options: 'X-Frame-Options',
}

type ListenerSettings = Pick<
  ListenerPlan,
  'alpn' | 'idleTimeoutSeconds' | 'tlsHeaders' | 'responseHeaders' | 'hidesServer'
>

/** AWS: "Listener attributes", "HTTP header modification". */
export const listenerSettings = (listener: ListenerRecord, balancer: LoadBalancerRecord): ListenerSettings => {
  const { alpnPolicy, protocol } = listener.spec
  const ofBalancer = loadBalancerAttributes(balancer)
  const attributes = listenerAttributes(listener)
  const idle = attributes.get('tcp.idle_timeout.seconds')
  const version = attributes.get('routing.http.request.x_amzn_tls_version.header_name')
  const cipher = attributes.get('routing.http.request.x_amzn_tls_cipher_suite.header_name')
  const tellsTls = isTrue(ofBalancer, 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled')
  const headers = Object.entries(RESPONSE_HEADERS).flatMap(([key, name]) => {
    const value = attributes.get(`routing.http.response.${key}.header_value`) ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  const isWithoutHttp2 = protocol === 'HTTPS' && ofBalancer.get('routing.http2.enabled') === 'false'
  return {
    ...(alpnPolicy === undefined ? {} : { alpn: ALPN[alpnPolicy] ?? [] }),
    ...(isWithoutHttp2 ? { alpn: ALPN['HTTP1Only'] ?? [] } : {}),
    ...(idle === undefined ? {} : { idleTimeoutSeconds: Number(idle) }),
    ...(tellsTls && version !== undefined && cipher !== undefined ? { tlsHeaders: { version, cipher } } : {}),
    ...(headers.length === 0 ? {} : { responseHeaders: Object.fromEntries(headers) }),
    ...(attributes.get('routing.http.response.server.enabled') === 'false' ? { hidesServer: true } : {}),
  }
}

const stickinessPlan = (attributes: ReadonlyMap<string, string>): StickinessPlan | undefined => {
  if (attributes.get('stickiness.enabled') !== 'true') return undefined
  switch (attributes.get('stickiness.type')) {
    case 'source_ip':
      return { by: 'source_ip' }
    case 'app_cookie':
      return {
        by: 'app_cookie',
        cookie: attributes.get('stickiness.app_cookie.cookie_name') ?? '',
        seconds: Number(attributes.get('stickiness.app_cookie.duration_seconds')),
      }
    default:
      return { by: 'lb_cookie', seconds: Number(attributes.get('stickiness.lb_cookie.duration_seconds')) }
  }
}

const LEAST_HEALTHY = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets'

/** AWS: "Target group health", unhealthy state routing. Undefined for its default: any healthy target will do. */
const leastHealthy = (attributes: Attributes): GroupPlan['leastHealthy'] => {
  const count = Number(attributes.get(`${LEAST_HEALTHY}.count`) ?? 1)
  const percentage = attributes.get(`${LEAST_HEALTHY}.percentage`) ?? 'off'
  if (percentage === 'off') return count === 1 ? undefined : { count }
  return { count, percentage: Number(percentage) }
}

const ALGORITHMS = ['round_robin', 'least_outstanding_requests', 'weighted_random'] as const

type GroupSettings = Pick<
  GroupPlan,
  'algorithm' | 'slowStartSeconds' | 'stickiness' | 'proxyProtocolV2' | 'leastHealthy' | 'endsConnectionsOfUnhealthy'
>

export const groupSettings = (group: TargetGroupRecord): GroupSettings => {
  const attributes = targetGroupAttributes(group)
  const stickiness = stickinessPlan(attributes)
  const least = leastHealthy(attributes)
  const algorithm = attributes.get('load_balancing.algorithm.type')
  return {
    algorithm: ALGORITHMS.find((one) => one === algorithm) ?? 'round_robin',
    slowStartSeconds: Number(attributes.get('slow_start.duration_seconds') ?? 0),
    ...(stickiness === undefined ? {} : { stickiness }),
    proxyProtocolV2: isTrue(attributes, 'proxy_protocol_v2.enabled'),
    ...(least === undefined ? {} : { leastHealthy: least }),
    ...(isTrue(attributes, 'target_health_state.unhealthy.connection_termination.enabled')
      ? { endsConnectionsOfUnhealthy: true }
      : {}),
  }
}
