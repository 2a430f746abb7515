// What the edge is told over its socket: lines of JSON, each answered by one line. The client sends all it knows when it
// connects and single changes after that; the edge keeps the last state it was told and writes nothing down.

/** An interface of a VPC endpoint: HTTP port 80 there is Neargate's API. */
export interface EdgeEndpoint {
  /** The file that the interface's own network namespace is pinned to. */
  readonly namespacePath: string
  readonly address: string
}

/** The services inside one VPC. */
export interface EdgeVpc {
  readonly id: string
  /** The file that the router's network namespace is pinned to. */
  readonly namespacePath: string
  readonly region: string
  readonly cidrs: readonly string[]
  /** Where HTTP port 80 answers task metadata. */
  readonly metadataAddress: string
  /** Where the resolver answers, port 53. */
  readonly resolverAddresses: readonly string[]
  /** Where tasks find Neargate's API, and the port there. */
  readonly apiAddress: string
  readonly apiPort: number
  /** False: the VPC has no resolver (enableDnsSupport). */
  readonly dns: boolean
  readonly privateZones: readonly string[]
  /** IPv4 addresses by lower-case name; "*.x" is all below x. */
  readonly records: Readonly<Record<string, readonly string[]>>
  /** None when absent. */
  readonly endpoints?: readonly EdgeEndpoint[]
}

/** What one interface may be told about itself. */
export interface EdgeInterface {
  readonly vpcId: string
  readonly privateIp: string
  /** JSON that only the metadata's own code reads. */
  readonly metadata: unknown
}

/** A port of the host's loopback that leads to a load balancer, for who asks for its name or one below it. */
export interface FrontEntry {
  /** Lower case, below "localhost". */
  readonly name: string
  readonly port: number
  /** Where the load balancer answers, at the same port. */
  readonly address: string
}

/** A port of the host's loopback whose datagrams go to a load balancer. */
export interface RelayEntry {
  readonly address: string
  readonly port: number
  /** Where the load balancer hears them, at the same port. */
  readonly door: { readonly namespacePath: string; readonly address: string }
}

export interface EdgeState {
  readonly vpcs: readonly EdgeVpc[]
  readonly interfaces: readonly EdgeInterface[]
}

export type EdgeChange =
  /** Adds to what is served: the client may not know all of it yet. */
  | { readonly do: 'merge'; readonly state: EdgeState }
  | { readonly do: 'replace-all'; readonly state: EdgeState }
  | { readonly do: 'set-vpc'; readonly vpc: EdgeVpc }
  | { readonly do: 'remove-vpc'; readonly id: string }
  | { readonly do: 'set-interface'; readonly interface: EdgeInterface }
  | { readonly do: 'remove-interface'; readonly vpcId: string; readonly privateIp: string }
  /** All there are. */
  | { readonly do: 'set-front'; readonly entries: readonly FrontEntry[] }
  | { readonly do: 'set-relays'; readonly entries: readonly RelayEntry[] }
  | { readonly do: 'shut-down' }

export interface EdgeRequest {
  readonly number: number
  /** False: no question is passed on to the host's resolvers. */
  readonly egress: boolean
  readonly change: EdgeChange
}

export interface EdgeReply {
  readonly number: number
  /** Absent when it is done. */
  readonly failed?: string
  /** Those of the front that it has; another program may have the others. */
  readonly ports?: readonly number[]
  /** Likewise of the relays, as "address:port". */
  readonly relays?: readonly string[]
}

/** What a task asks that only the control plane can answer. The task is known by where the packet comes from. */
export interface AgentQuestion {
  readonly taskArn: string
  readonly method: string
  /** Below ECS_AGENT_URI. */
  readonly path: string
  readonly body: string
}

export interface AgentAnswer {
  readonly status: number
  /** JSON. */
  readonly body: unknown
}

/** The edge asks its client, on the same connection. */
export interface EdgeQuestion {
  readonly question: number
  readonly asked: AgentQuestion
}

export interface EdgeAnswer {
  readonly answered: number
  /** Absent when the client failed. */
  readonly answer?: AgentAnswer
}

/** Who asks, known by where the packet comes from; the router drops every packet whose source is not its sender's. */
export interface MetadataRequest {
  readonly method: string
  /** With the query string. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly caller: { readonly vpcId: string; readonly ip: string }
}

export interface MetadataResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers from the document of the interface that asks; undefined when that has none. */
export type AnswerMetadata = (request: MetadataRequest, document: unknown) => Promise<MetadataResponse>

/** Answers one DNS question of a VPC; undefined for silence. */
export interface VpcResolver {
  answer(bytes: Buffer, source: string, transport: 'udp' | 'tcp'): Promise<Buffer | undefined>
  update(vpc: EdgeVpc): void
}

export const socketPath = (runDir: string): string => `${runDir}/edge.sock`
