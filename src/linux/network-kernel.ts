// The contract of what the network asks of the kernel: namespaces, links, addresses, routes, packet filters, settings.
// Two implementations keep it: one calls the kernel from this process, one spawns ip(8), nft(8) and nsenter(1).

/** An address of either family and the length of its prefix. */
export interface Prefix {
  readonly address: string
  readonly length: number
}

/**
 * One change to the links of a namespace. All but `add-veth` may be repeated: what is there already is left as it is, and
 * deleting what is gone does nothing.
 */
export type LinkChange =
  | {
      readonly do: 'add-veth'
      readonly name: string
      readonly mac?: string
      /** The other end, created straight inside the namespace pinned to that file. */
      readonly peer: { readonly name: string; readonly namespacePath: string; readonly mac?: string }
      readonly mtuBytes: number
    }
  | { readonly do: 'delete-link'; readonly name: string }
  | { readonly do: 'set-up'; readonly name: string }
  /** Alone: nothing is taken to be on the link because of the prefix, and no route comes with it. */
  | { readonly do: 'add-address'; readonly name: string; readonly prefix: Prefix; readonly isAlone?: true }
  | { readonly do: 'delete-address'; readonly name: string; readonly prefix: Prefix }
  /** Through a link, to a router behind it when `via` is given; in the main table, or the one of that number. */
  | {
      readonly do: 'add-route'
      readonly to: Prefix
      readonly name: string
      readonly via?: string
      readonly table?: number
    }
  /** Packets of IPv4 with that mark ask that table before the main one. */
  | { readonly do: 'add-rule'; readonly mark: number; readonly table: number }
  /** Packets for there are dropped without an answer, as they are in a VPC. */
  | { readonly do: 'add-blackhole'; readonly to: Prefix }
  | { readonly do: 'delete-route'; readonly to: Prefix; readonly table?: number }
  /** Never asked for, never forgotten, and no packet can change it. */
  | { readonly do: 'add-neighbour'; readonly address: string; readonly name: string; readonly mac: string }

/** One change to a set or map of a packet filter, in nft(8)'s words. */
export interface ElementChange {
  readonly do: 'add' | 'delete'
  readonly set: string
  /** Fields with " . " between them: a link's name in quotes, a MAC address, an address. */
  readonly key: string
  /** Of a map: an address, or "goto CHAIN". */
  readonly value?: string
}

/** What the fields of a set's keys are, in order. */
export type ElementField = 'address' | 'protocol' | 'port'

/** An element of a set, and what its counter says: zero where it has none. */
export interface CountedElement {
  /** Addresses as text, protocols and ports as numbers. */
  readonly key: readonly string[]
  readonly packets: number
  readonly bytes: number
}

/** Whence and whither packets of one direction go. Ports are 0 where the protocol has none. */
export interface ConnectionWay {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

/** What the kernel has seen go there and back. */
export interface TrackedConnection {
  /** 6 for TCP, 17 for UDP. */
  readonly protocol: number
  /** As it began, and what its answers are: they tell what an address was replaced by. */
  readonly original: ConnectionWay
  readonly reply: ConnectionWay
}

/** What one link has counted, from its own point of view. */
export interface LinkCounters {
  readonly receivedBytes: number
  readonly receivedPackets: number
  readonly receivedErrors: number
  readonly receivedDropped: number
  readonly sentBytes: number
  readonly sentPackets: number
  readonly sentErrors: number
  readonly sentDropped: number
}

export interface LinkAddress extends Prefix {
  readonly name: string
}

/** An open network namespace. It stays alive while this is open: close it. */
export interface NamespaceHandle {
  /** In order; stops at the first failure. Faults: "not-found" for an unknown link. */
  change(changes: readonly LinkChange[]): Promise<void>
  linkNames(): Promise<string[]>
  /** undefined when there is no such link. */
  linkCounters(name: string): Promise<LinkCounters | undefined>
  /** Of IPv4. */
  addresses(): Promise<LinkAddress[]>
  /** IPv4 destinations of the main table that packets are dropped for. */
  blackholes(): Promise<Prefix[]>
  /** The links that default routes of the main table lead through. */
  defaultRouteLinks(family?: 'ip' | 'ip6'): Promise<string[]>
  /** Runs nft(8) commands as one transaction and gives their output. Fault "failed" with nft's own words. */
  filter(commands: string): Promise<string>
  /** All changes at once or none, in a table such as "inet vpc". Fault "not-found" when what is to be deleted is gone. */
  changeElements(table: string, changes: readonly ElementChange[]): Promise<void>
  /** All elements of a set whose keys have these fields. Quick for tens of thousands, where `filter` would take seconds. */
  countedElements(table: string, set: string, fields: readonly ElementField[]): Promise<CountedElement[]>
  /** All that are tracked. Slow: tens of milliseconds on a large machine. */
  connections(): Promise<TrackedConnection[]>
  /** Forgets such connections; the next packet of one begins it anew. As slow. */
  forgetConnections(isOne: (connection: TrackedConnection) => boolean): Promise<void>
  /** Values by name below /proc/sys/net/, e.g. "ipv4/ip_forward". */
  set(settings: Readonly<Record<string, string>>): Promise<void>
  get(setting: string): Promise<string>
  close(): void
}

export interface NetworkKernel {
  readonly kind: 'in-process' | 'spawning'
  /** Makes a namespace, applies `settings` in it and pins it to the file. A pinned one is left as it is: false. */
  createNamespace(path: string, settings: Readonly<Record<string, string>>): Promise<boolean>
  /** Unpins it and removes the file; the kernel reaps it and its links once nothing lives in it. */
  removeNamespace(path: string): Promise<void>
  /** The namespace pinned to that file, or without a path the one this process lives in. Fault "not-found". */
  open(path?: string): Promise<NamespaceHandle>
}
