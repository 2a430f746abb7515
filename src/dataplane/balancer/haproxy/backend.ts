// A target group as a HAProxy backend, without its targets: they come and go while it runs.
// AWS: "Health checks for Application Load Balancer target groups".

import type { BalancerPlan, GroupPlan, HealthCheckPlan, TargetPlan } from '../balancer.ts'
import { KEPT_CONNECTIONS, KEPT_SECONDS, PROBATION_FALL, PROBATION_MILLISECONDS } from '../limits.ts'
import { backendOf, openBackendOf } from './actions.ts'
import { attemptLines, failureLines } from './failures.ts'
import { grpcCheckLines } from './grpc-check.ts'
import { address, port, quoted, token } from './quoting.ts'

const MATCHER = /^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$/
/** Targets of equal weight; slow start grows towards it. */
const WEIGHT = 100

export const serverName = ({ address: at, port: on }: Pick<TargetPlan, 'address' | 'port'>): string =>
  `${address(at).replaceAll(/[.:]/g, '-')}-${port(on)}`

/** What HAProxy and we call a target, where it is asked and where it serves unasked. */
export const checkedName = (group: GroupPlan, target: TargetPlan): string =>
  `${backendOf(group.id)}/${serverName(target)}`
export const openName = (group: GroupPlan, target: TargetPlan): string =>
  `${openBackendOf(group.id)}/${serverName(target)}`

const isOfWeb = ({ protocol }: GroupPlan): boolean => protocol === 'HTTP' || protocol === 'HTTPS'
const speaksTls = ({ protocol }: GroupPlan): boolean => protocol === 'HTTPS' || protocol === 'TLS'

const codes = (matcher: string): string => {
  if (!MATCHER.test(matcher)) throw new Error(`${matcher} is no list of codes`)
  return matcher
}

/**
 * ELB's checks name the target itself as their host, as do applications that know what they may be called. HAProxy knows in
 * a check only what a target is called here: its address and port, with dashes.
 */
const checkedHost = ({ port: fixed, protocol }: HealthCheckPlan): string => {
  const at = fixed === undefined ? '' : port(fixed)
  const converters = [
    String.raw`regsub("^(\d+)-(\d+)-(\d+)-(\d+)-(\d+)$","\1.\2.\3.\4:${at || '\\5'}")`,
    String.raw`regsub("^([0-9a-f]*-[0-9a-f-]*)-(\d+)$","[\1]:${at || '\\2'}")`,
    'regsub("-",":",g)',
    `regsub(":${protocol === 'HTTPS' ? 443 : 80}$","")`,
  ]
  return `'%[srv_name,${converters.join(',')}]'`
}

/** HAProxy 2.6 agrees with the target on HTTP/2 by TLS, and then asks nothing: whoever speaks TLS mostly speaks HTTP/1.1, too. */
const isCheckedByHttp2 = ({ version, healthCheck }: Pick<GroupPlan, 'version' | 'healthCheck'>): boolean =>
  version === 'HTTP2' && healthCheck.protocol === 'HTTP'

/** `host` is what checks of gRPC name, which are the same for all targets. */
const webCheck = (check: HealthCheckPlan, version: GroupPlan['version'], host: string): string[] => {
  if (version === 'GRPC') {
    const accepted = codes(check.matcher)
    return grpcCheckLines(check, address(host), (code) => isWithin(accepted, code))
  }
  const from = `hdr User-Agent ELB-HealthChecker/2.0 hdr Host ${checkedHost(check)}`
  const protocol = isCheckedByHttp2({ version, healthCheck: check }) ? 'HTTP/2' : 'HTTP/1.1'
  return [
    'option httpchk',
    `http-check send meth GET uri ${quoted(check.path)} ver ${protocol} ${from} hdr Connection close`,
    `http-check expect status ${codes(check.matcher)}`,
  ]
}

/** Whether "0-2,12" has that code. */
const isWithin = (matcher: string, code: number): boolean =>
  matcher.split(',').some((part) => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return code >= from && code <= to
  })

/** Of AWS: keeps a client with a target. */
const COOKIE = 'AWSALB'

/** A target that is added by a command gets its cookie by another. */
export const cookieWords = ({ stickiness: by }: GroupPlan, backend: string): string[] =>
  by?.by === 'lb_cookie' ? [`enable dynamic-cookie backend ${backend}`] : []

const stickiness = ({ stickiness: by }: GroupPlan, isWeb: boolean): string[] => {
  if (by === undefined) return []
  if (by.by === 'source_ip') return ['stick-table type ipv6 size 100k expire 1h', 'stick on src']
  if (!isWeb) return []
  if (by.by === 'lb_cookie') {
    return [
      'dynamic-cookie-key neargate',
      // ELB gives it anew with each answer: it lasts as long as the client comes back in time.
      `cookie ${COOKIE} insert indirect dynamic maxidle ${by.seconds}s attr 'Max-Age=${by.seconds}' attr 'Path=/'`,
      // The same for requests from other sites, which browsers send no other cookies with.
      `http-request add-header Cookie '${COOKIE}=%[req.cook(${COOKIE}CORS)]' if { req.cook(${COOKIE}CORS) -m found } !{ req.cook(${COOKIE}) -m found }`,
      `http-after-response add-header Set-Cookie '${COOKIE}CORS=%[res.cook(${COOKIE})]; Max-Age=${by.seconds}; Path=/; SameSite=None; Secure' if { res.cook(${COOKIE}) -m found }`,
    ]
  }
  return [
    `stick-table type string len 128 size 100k expire ${by.seconds}s`,
    `stick store-response res.cook(${token(by.cookie)})`,
    `stick match req.cook(${token(by.cookie)})`,
  ]
}

/** Only what may be done twice (RFC 9110, 9.2.2): another request that may have had an effect is not sent again. */
const RETRIES = [
  'retry-on conn-failure empty-response',
  'http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE }',
]

/** How a target is spoken to: what stands behind its name and address, in a configuration or a command. */
const wireWords = (group: GroupPlan): string[] => {
  const isSecure = speaksTls(group)
  const isHttp2 = isOfWeb(group) && group.version !== 'HTTP1'
  return [
    `weight ${WEIGHT}`,
    ...(isSecure ? ['ssl', 'verify none'] : []),
    ...(isSecure && isHttp2 ? ['alpn h2'] : []),
    ...(isHttp2 ? ['proto h2'] : []),
    ...(group.proxyProtocolV2 ? ['send-proxy-v2'] : []),
  ]
}

type Pace = Pick<HealthCheckPlan, 'healthyThreshold' | 'unhealthyThreshold'> & { readonly every: string }

/** `plainly`: says that a check does not speak TLS where the target does. */
const checkWords = (group: GroupPlan, pace: Pace, plainly: readonly string[]): string[] => {
  const { healthCheck: check } = group
  const isSecure = speaksTls(group)
  // The check of gRPC writes its HTTP/2 by itself.
  const isHttp2 = isOfWeb(group) && isCheckedByHttp2(group)
  const isHttp1 = isOfWeb(group) && group.version === 'HTTP2' && check.protocol === 'HTTPS'
  return [
    'check',
    `inter ${pace.every}`,
    `rise ${pace.healthyThreshold}`,
    `fall ${pace.unhealthyThreshold}`,
    ...(group.endsConnectionsOfUnhealthy === true ? ['on-marked-down shutdown-sessions'] : []),
    ...(check.port === undefined ? [] : [`port ${port(check.port)}`]),
    ...(check.protocol === 'HTTPS' ? ['check-ssl', 'verify none'] : isSecure ? plainly : []),
    ...(isHttp2 ? ['check-proto h2'] : []),
    ...(isHttp1 ? ['check-alpn http/1.1', 'check-proto h1'] : []),
  ]
}

const paceOf = ({ healthCheck: check }: GroupPlan): Pace => ({ ...check, every: `${check.intervalSeconds}s` })
const PROBATION: Pace = {
  healthyThreshold: 1,
  unhealthyThreshold: PROBATION_FALL,
  every: `${PROBATION_MILLISECONDS}ms`,
}

/** Of the servers in a configuration. */
const defaultWords = (group: GroupPlan): string[] => [
  ...wireWords(group),
  ...checkWords(group, paceOf(group), ['no-check-ssl']),
]

/** Said for servers that are added by a command, which keep no connection otherwise: each request would open its own. */
const POOL = [`pool-max-conn ${KEPT_CONNECTIONS}`, `pool-purge-delay ${KEPT_SECONDS}s`]

/** A command may not say `no-check-ssl`; a check that is told its port speaks no TLS unless it is told to. */
const commandWords = (group: GroupPlan, target: TargetPlan, pace: Pace): string[] => {
  const plainly = group.healthCheck.port === undefined ? [`port ${port(target.port)}`] : []
  return [...wireWords(group), ...POOL, ...checkWords(group, pace, plainly)]
}

/** Of a server that is added by a command. */
export const serverWords = (group: GroupPlan, target: TargetPlan): string[] =>
  commandWords(group, target, paceOf(group))

/** The same while nothing is known of the target: asked often, so that it need not wait for an interval to pass. */
export const probationWords = (group: GroupPlan, target: TargetPlan): string[] => commandWords(group, target, PROBATION)

/** AWS: the share of a new target grows beside others that have theirs; the first of a group begin with it. */
export const slowStart = ({ slowStartSeconds }: GroupPlan, hasOthers: boolean): string[] =>
  slowStartSeconds > 0 && hasOthers ? [`slowstart ${slowStartSeconds}s`] : []

/** The same where all targets serve, whatever their checks say. */
export const openServerWords = (group: GroupPlan): string[] => [...wireWords(group), ...POOL]

export const serverAddress = (target: TargetPlan): string =>
  target.address.includes(':')
    ? `[${address(target.address)}]:${port(target.port)}`
    : `${address(target.address)}:${port(target.port)}`

/** Their servers follow in the configuration, indented alike. */
export interface Backends {
  readonly checked: readonly string[]
  /** For when too few of the checked are healthy. */
  readonly open: readonly string[]
}

const BALANCE: Readonly<Record<GroupPlan['algorithm'], string>> = {
  round_robin: 'roundrobin',
  least_outstanding_requests: 'leastconn',
  // HAProxy would take the less busy of two.
  weighted_random: 'random(1)',
}

/** The longest that any connection may rest: listeners may say less. */
const idleSeconds = ({ idleTimeoutSeconds, listeners }: BalancerPlan): number =>
  Math.max(idleTimeoutSeconds, ...listeners.map((one) => one.idleTimeoutSeconds ?? 0))

export const backends = (plan: BalancerPlan, group: GroupPlan, folder: string): Backends => {
  const isWeb = isOfWeb(group)
  const { healthCheck: check } = group
  const lines = [
    `mode ${isWeb ? 'http' : 'tcp'}`,
    `balance ${BALANCE[group.algorithm]}`,
    `timeout server ${idleSeconds(plan)}s`,
    // It would stand above what the listener says.
    ...(isWeb ? [`timeout tunnel ${plan.idleTimeoutSeconds}s`] : []),
    ...(isWeb ? RETRIES : []),
    ...stickiness(group, isWeb),
  ]
  const reached = (isOpen: boolean): string[] => [
    ...attemptLines(isOpen || speaksTls(group)),
    ...(isWeb ? failureLines(folder, isOpen) : []),
  ]
  const checks = [
    `timeout check ${check.timeoutSeconds}s`,
    ...(check.protocol === 'TCP' ? [] : webCheck(check, group.version, plan.doors[0].address)),
    `default-server ${defaultWords(group).join(' ')}`,
  ]
  const indented = (all: readonly string[]): string[] => all.map((line) => `  ${line}`)
  return {
    checked: [`backend ${backendOf(group.id)}`, ...indented([...lines, ...reached(false), ...checks])],
    open: [
      `backend ${openBackendOf(group.id)}`,
      ...indented([...lines, ...reached(true), `default-server ${openServerWords(group).join(' ')}`]),
    ],
  }
}
