// A target group as a HAProxy backend, without its targets: they come and go while it runs.
// AWS: "Health checks for Application Load Balancer target groups".

import type { BalancerPlan, GroupPlan, HealthCheckPlan, TargetPlan } from '../balancer.ts'
import { CONNECT_SECONDS } from '../limits.ts'
import { backendOf } from './actions.ts'
import { address, port, quoted, token } from './quoting.ts'

const MATCHER = /^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$/
/** Targets of equal weight; slow start grows towards it. */
const WEIGHT = 100

export const serverName = ({ address: at, port: on }: Pick<TargetPlan, 'address' | 'port'>): string =>
  `${address(at).replaceAll(/[.:]/g, '-')}-${port(on)}`

const codes = (matcher: string): string => {
  if (!MATCHER.test(matcher)) throw new Error(`${matcher} is no list of codes`)
  return matcher
}

/** `host` is what the checks name: HAProxy cannot tell them whom it asks. */
const webCheck = (check: HealthCheckPlan, version: GroupPlan['version'], host: string): string[] => {
  const agent = 'hdr User-Agent ELB-HealthChecker/2.0'
  if (version === 'GRPC') {
    const wanted = grpcPattern(codes(check.matcher))
    return [
      'option httpchk',
      `http-check send meth POST uri ${quoted(check.path)} ver HTTP/2 ${agent} hdr Content-Type application/grpc hdr TE trailers body-lf ''`,
      `http-check expect hdr name grpc-status value -m reg ${quoted(wanted)}`,
    ]
  }
  const protocol = version === 'HTTP2' ? 'HTTP/2' : 'HTTP/1.1'
  return [
    'option httpchk',
    `http-check send meth GET uri ${quoted(check.path)} ver ${protocol} ${agent} hdr Host ${address(host)} hdr Connection close`,
    `http-check expect status ${codes(check.matcher)}`,
  ]
}

/** "0-2,12" as a regular expression of whole numbers. */
const grpcPattern = (matcher: string): string => {
  const numbers = matcher.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  return `^(${numbers.join('|')})$`
}

const stickiness = ({ stickiness: by }: GroupPlan, isWeb: boolean): string[] => {
  if (by === undefined) return []
  if (by.by === 'source_ip') return ['stick-table type ipv6 size 100k expire 1h', 'stick on src']
  if (!isWeb) return []
  if (by.by === 'lb_cookie') {
    return [
      'dynamic-cookie-key neargate',
      `cookie AWSALB insert indirect nocache dynamic attr 'Max-Age=${by.seconds}' attr 'Path=/'`,
    ]
  }
  return [
    `stick-table type string len 128 size 100k expire ${by.seconds}s`,
    `stick store-response res.cook(${token(by.cookie)})`,
    `stick match req.cook(${token(by.cookie)})`,
  ]
}

/** Only what may be done twice: a request that may have had an effect is not sent again. */
const RETRIES = [
  'retries 3',
  'option redispatch 1',
  'retry-on conn-failure empty-response',
  'http-request disable-l7-retry unless METH_GET or { method -m str HEAD OPTIONS }',
]

/** Everything that stands behind a target's name and address, in a configuration or a command. */
export const serverWords = (group: GroupPlan): string[] => {
  const { healthCheck: check } = group
  const isSecure = group.protocol === 'HTTPS' || group.protocol === 'TLS'
  const checksSecurely = check.protocol === 'HTTPS'
  const speaksHttp2 = group.version !== 'HTTP1' && (group.protocol === 'HTTP' || group.protocol === 'HTTPS')
  return [
    `weight ${WEIGHT}`,
    'check',
    `inter ${check.intervalSeconds}s`,
    `rise ${check.healthyThreshold}`,
    `fall ${check.unhealthyThreshold}`,
    ...(check.port === undefined ? [] : [`port ${port(check.port)}`]),
    ...(isSecure ? ['ssl', 'verify none'] : []),
    ...(isSecure && speaksHttp2 ? ['alpn h2'] : []),
    ...(checksSecurely ? ['check-ssl', 'verify none'] : isSecure ? ['no-check-ssl'] : []),
    ...(speaksHttp2 ? ['proto h2', ...(check.protocol === 'TCP' ? [] : ['check-proto h2'])] : []),
    ...(group.proxyProtocolV2 ? ['send-proxy-v2'] : []),
    ...(group.slowStartSeconds > 0 ? [`slowstart ${group.slowStartSeconds}s`] : []),
  ]
}

export const serverAddress = (target: TargetPlan): string =>
  target.address.includes(':')
    ? `[${address(target.address)}]:${port(target.port)}`
    : `${address(target.address)}:${port(target.port)}`

/** Its servers follow in the configuration, indented alike. */
export const backend = (plan: BalancerPlan, group: GroupPlan): string[] => {
  const isWeb = group.protocol === 'HTTP' || group.protocol === 'HTTPS'
  const { healthCheck: check } = group
  const lines = [
    `mode ${isWeb ? 'http' : 'tcp'}`,
    `balance ${group.algorithm === 'least_outstanding_requests' ? 'leastconn' : 'roundrobin'}`,
    `timeout connect ${CONNECT_SECONDS}s`,
    `timeout server ${plan.idleTimeoutSeconds}s`,
    `timeout tunnel ${plan.idleTimeoutSeconds}s`,
    `timeout check ${check.timeoutSeconds}s`,
    ...(isWeb ? RETRIES : ['retries 3', 'option redispatch 1']),
    ...(check.protocol === 'TCP' ? [] : webCheck(check, group.version, plan.doors[0].address)),
    ...stickiness(group, isWeb),
  ]
  return [`backend ${backendOf(group.id)}`, ...lines.map((line) => `  ${line}`)]
}
