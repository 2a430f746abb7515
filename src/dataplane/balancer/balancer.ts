// The contract of load balancing: one plan says everything a load balancer is to do, and applying it again changes
// nothing. It goes on serving, and asking its targets, while nobody applies anything.

/** A target group as a load balancer sees it. AWS: "Target groups for your Application Load Balancers". */
export interface GroupPlan {
  /** Letters, digits and dashes. */
  readonly id: string
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
  /** Of HTTP and HTTPS. */
  readonly version: 'HTTP1' | 'HTTP2' | 'GRPC'
  readonly algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random'
  /** Seconds in which a new target's share grows to its full size; 0 for at once. */
  readonly slowStartSeconds: number
  readonly stickiness?: StickinessPlan
  readonly proxyProtocolV2: boolean
  /** With fewer healthy targets, or a smaller percentage of them, requests go to all; absent: with none. AWS: "unhealthy state routing". */
  readonly leastHealthy?: { readonly count: number; readonly percentage?: number }
  /** A target that becomes unhealthy loses the connections it has. */
  readonly endsConnectionsOfUnhealthy?: boolean
  readonly healthCheck: HealthCheckPlan
  readonly targets: readonly TargetPlan[]
  /** HTTP requests wait that long for a target while there is none; absent: they are answered with 503 at once. */
  readonly holdSeconds?: number
}

export type StickinessPlan =
  | { readonly by: 'lb_cookie'; readonly seconds: number }
  | { readonly by: 'app_cookie'; readonly cookie: string; readonly seconds: number }
  | { readonly by: 'source_ip' }

export interface HealthCheckPlan {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
  /** Absent: each target's own. */
  readonly port?: number
  readonly path: string
  /** "200", "200,202", "200-299"; for GRPC its own codes, "0" or "0-99". */
  readonly matcher: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
}

export interface TargetPlan {
  readonly address: string
  readonly port: number
  /** Draining: gets no new work, keeps what it has. */
  readonly isDraining: boolean
}

/** Where a load balancer listens. */
export interface DoorPlan {
  /** File that a network namespace is pinned to. */
  readonly namespacePath: string
  readonly address: string
  readonly ipv6Address?: string
}

/** AWS: "Condition types". All of a rule's conditions must hold; of a condition's values, one. `*` and `?` are wild. */
export type ConditionPlan =
  | { readonly on: 'path'; readonly patterns: readonly string[] }
  | { readonly on: 'host'; readonly patterns: readonly string[] }
  | { readonly on: 'header'; readonly name: string; readonly patterns: readonly string[] }
  | { readonly on: 'method'; readonly methods: readonly string[] }
  | { readonly on: 'query'; readonly pairs: readonly { readonly key?: string; readonly value: string }[] }
  | { readonly on: 'source'; readonly cidrs: readonly string[] }

export type ActionPlan =
  | {
      readonly do: 'forward'
      readonly groups: readonly { readonly id: string; readonly weight: number }[]
      /** Clients stay with the group that they came to, that long; absent: each request is drawn anew. */
      readonly stickySeconds?: number
    }
  | {
      readonly do: 'redirect'
      readonly status: 301 | 302
      /** Each may contain #{protocol}, #{host}, #{port}, #{path} and #{query}. */
      readonly protocol: string
      readonly host: string
      readonly port: string
      readonly path: string
      readonly query: string
    }
  | { readonly do: 'respond'; readonly status: number; readonly contentType: string; readonly body: string }

export interface RulePlan {
  readonly conditions: readonly ConditionPlan[]
  readonly action: ActionPlan
}

export interface CertificatePlan {
  /** Letters, digits and dashes. */
  readonly id: string
  /** Certificate, chain and private key: a secret. */
  readonly pem: string
}

export type TlsVersion = 'TLSv1.0' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** What clients may speak. AWS: "Security policies". */
export interface TlsPlan {
  readonly oldest: TlsVersion
  readonly newest: TlsVersion
  /** OpenSSL's names, the preferred first. */
  readonly ciphers: readonly string[]
}

export interface ListenerPlan {
  /** Letters, digits and dashes. */
  readonly id: string
  readonly port: number
  /** UDP and TCP_UDP forward, and do nothing else. */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
  /** The first is shown to clients that name no host, or none that is known. */
  readonly certificates: readonly CertificatePlan[]
  /** Absent: version 1.2 and newer, with what OpenSSL thinks well of. */
  readonly tls?: TlsPlan
  readonly alpn?: readonly string[]
  /** Seconds; absent: the load balancer's. */
  readonly idleTimeoutSeconds?: number
  /** Names of the headers that tell targets what the client came by; absent: they are not told. */
  readonly tlsHeaders?: { readonly version: string; readonly cipher: string }
  /** Set in every answer, by name. */
  readonly responseHeaders?: Readonly<Record<string, string>>
  /** Its own answers do not say who gave them. */
  readonly hidesServer?: boolean
  /** In the order in which they are tried; the last has no conditions. */
  readonly rules: readonly RulePlan[]
}

export const takesDatagrams = ({ protocol }: Pick<ListenerPlan, 'protocol'>): boolean =>
  protocol === 'UDP' || protocol === 'TCP_UDP'

export interface BalancerPlan {
  /** Letters, digits and dashes. */
  readonly id: string
  readonly kind: 'application' | 'network'
  /** It lives, and reaches its targets from, the namespace of the first. */
  readonly doors: readonly [DoorPlan, ...DoorPlan[]]
  /** Addresses of the host itself on which it listens too, e.g. "127.64.0.1". */
  readonly hostAddresses: readonly string[]
  readonly listeners: readonly ListenerPlan[]
  readonly groups: readonly GroupPlan[]
  readonly idleTimeoutSeconds: number
  readonly dropInvalidHeaders: boolean
  readonly preserveHost: boolean
  /** What becomes of X-Forwarded-For; absent: the client's address is added, without its port. */
  readonly forwardedFor?: { readonly mode: 'append' | 'preserve' | 'remove'; readonly withPort: boolean }
  /** How long a client may use one connection; absent: as long as it likes. */
  readonly connectionSeconds?: number
  /** Otherwise what only they tell of a request is not asked for: `LoggedRequest`. */
  readonly keepsAccessLog: boolean
}

/** What is known of one target. */
export interface TargetObservation {
  readonly groupId: string
  readonly address: string
  readonly port: number
  /** `unknown` before the first answer. */
  readonly health: 'unknown' | 'healthy' | 'unhealthy'
  /** Of the last health check, where it failed. */
  readonly failure?: HealthFailure
  /** Connections, requests and flows of datagrams it is busy with. */
  readonly sessions: number
}

export type HealthFailure =
  | { readonly why: 'timeout' }
  | { readonly why: 'refused' }
  | { readonly why: 'mismatch'; readonly code: number }
  | { readonly why: 'malformed' }

/** Since counting began, which does so anew with each process of the load balancer. */
export interface BalancerCounters {
  /** Of the process that counts: another one when counting has begun anew. */
  readonly epoch: string
  /** Seconds since 1970: when it began. */
  readonly since: number
  readonly doors: readonly DoorCounters[]
  /** Absent where none are carried. */
  readonly datagrams?: readonly DatagramCounters[]
  /** By group. */
  readonly groups: Readonly<Record<string, GroupCounters>>
}

/** What came in through one listener at one door. */
export interface DoorCounters {
  readonly listenerId: string
  /** Which of the plan's doors; the host's addresses count with the first. */
  readonly door: number
  readonly activeConnections: number
  readonly newConnections: number
  readonly receivedBytes: number
  readonly sentBytes: number
  /** Requests that were answered, by whomever. */
  readonly answers: number
  /** Connections that ended before TLS was agreed on. */
  readonly failedHandshakes: number
}

/** What came in as datagrams at one door. */
export interface DatagramCounters {
  /** Which of the plan's doors; the host's addresses count with the first. */
  readonly door: number
  readonly activeFlows: number
  readonly newFlows: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

export interface GroupCounters {
  /** That were given to it, or connections where it gets no requests. */
  readonly requests: number
  readonly activeConnections: number
  readonly newConnections: number
  /** Requests for which no connection could be made, or there was no target. */
  readonly connectionErrors: number
  /** Connections to targets that ended before TLS was agreed on, where too few of them are healthy. */
  readonly failedHandshakes: number
  /** Of the requests, those that it got although too few of its targets are healthy. */
  readonly failedOpen: number
  /** Connections that the client, or the target, has broken off. */
  readonly clientAborts: number
  readonly targetAborts: number
}

/** One request to an application load balancer, once it was answered. Text is as the client sent it, in Latin-1. */
export interface LoggedRequest {
  /** Unlike any other's. */
  readonly id: string
  /** The same for the requests of one connection: 32 hex digits. */
  readonly connection: string
  /** Milliseconds since 1970. `connectedAt` is of its connection only where it is the first by it. */
  readonly connectedAt: number
  readonly receivedAt: number
  readonly endedAt: number
  /** Of TLS, where it is the first of its connection. */
  readonly handshakeMilliseconds: number
  /** For its headers to arrive; in a queue; to connect to the target; for its answer to begin. -1 where it did not get that far. */
  readonly headerMilliseconds: number
  readonly queueMilliseconds: number
  readonly connectMilliseconds: number
  readonly targetMilliseconds: number
  readonly client: { readonly address: string; readonly port: number }
  readonly listenerId: string
  /** Which of the plan's doors; the host's addresses count with the first. */
  readonly door: number
  readonly port: number
  readonly groupId?: string
  readonly target?: { readonly address: string; readonly port: number }
  readonly status: number
  readonly targetStatus?: number
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly cipher?: string
  readonly tlsProtocol?: string
  /** Of the certificate that was shown: hex. */
  readonly certificateSha1?: string
  /** Which of the listener's rules, from 1; 0 when none was reached. */
  readonly rule: number
  readonly method?: string
  /** e.g. "HTTP/1.1". Not known of a path of more than a kilobyte where no access log is kept. */
  readonly version?: string
  /** With the query; only its first kilobyte where no access log is kept. */
  readonly path?: string
  readonly host?: string
  /** Of the TLS greeting. */
  readonly serverName?: string
  /** The rest is known where an access log is kept. */
  readonly agent?: string
  /** X-Amzn-Trace-Id. */
  readonly trace?: string
  /** Where it was redirected to. */
  readonly location?: string
}

/** One connection to a TLS listener of a network load balancer, once it has ended. Text as the client sent it, in Latin-1. */
export interface LoggedConnection {
  /** Unlike any other's. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  readonly handshakeMilliseconds: number
  readonly client: { readonly address: string; readonly port: number }
  /** Of the load balancer, where the client came to. */
  readonly destination: { readonly address: string; readonly port: number }
  readonly listenerId: string
  /** Which of the plan's doors; the host's addresses count with the first. */
  readonly door: number
  /** Of what was sealed: from the client, and to it. */
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly cipher: string | undefined
  readonly tlsProtocol: string | undefined
  /** Of the certificate that was shown: hex. */
  readonly certificateSha1: string | undefined
  /** Of the TLS greeting. */
  readonly serverName: string | undefined
  /** What was agreed on. */
  readonly alpn: string | undefined
}

/** Where requests may wait for a target. */
export interface Holder {
  /**
   * Tells for which group a request waits, again each second while it does; resolves when `signal` aborts or this process
   * of the load balancer tells no more.
   */
  followHeld(id: string, told: (groupId: string) => void, signal: AbortSignal): Promise<void>
}

/** Who writes requests down. */
export interface RequestLog {
  /** The newest, in the order of their ends; undefined when it does not run. */
  recentRequests(id: string): Promise<LoggedRequest[] | undefined>
  /**
   * Tells of the recent requests, and then of each as it ends; resolves when `signal` aborts or there will be no more of
   * this process of the load balancer. Whoever follows again is told of the recent ones again; `from` "now": of none.
   */
  followRequests(
    id: string,
    told: (requests: readonly LoggedRequest[]) => void,
    signal: AbortSignal,
    from?: 'recent' | 'now',
  ): Promise<void>
  /** The same of connections to TLS listeners. */
  recentConnections(id: string): Promise<LoggedConnection[] | undefined>
  followConnections(
    id: string,
    told: (connections: readonly LoggedConnection[]) => void,
    signal: AbortSignal,
  ): Promise<void>
}

export interface Balancer {
  /** Brings the load balancer to that plan. Open connections go on. Fault "invalid" tells what cannot be had. */
  apply(plan: BalancerPlan): Promise<void>
  /** Ends it. Does nothing when there is none. */
  remove(id: string): Promise<void>
  /** The ids of all there are, also those that a killed server has left. */
  observe(): Promise<string[]>
  /** Undefined when it does not run. Flows of datagrams are counted once a second at most. */
  targets(id: string): Promise<TargetObservation[] | undefined>
  counters(id: string): Promise<BalancerCounters | undefined>
  /** Called when a target's health has changed, or the load balancer has died. Returns "stop watching". */
  watch(listener: (id: string) => void): () => void
  /** Lets go of this process's own resources; load balancers go on. */
  close(): void
}
