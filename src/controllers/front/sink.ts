// What listens on the host's loopback and leads to load balancers. The only file others import.

export interface FrontEntry {
  /** Lower case, below "localhost". */
  readonly name: string
  readonly port: number
  /** Where the load balancer answers, at the same port. */
  readonly address: string
}

export interface RelayEntry {
  /** Of the host's loopback, the load balancer's own. */
  readonly address: string
  readonly port: number
  /** Where the load balancer hears datagrams, at the same port. */
  readonly door: { readonly namespacePath: string; readonly address: string }
}

export interface FrontSink {
  /** Resolves when it leads to exactly these, as far as the ports are to be had. Faults are retried. */
  setFront(entries: readonly FrontEntry[]): Promise<unknown>
  /** The same for datagrams. */
  setRelays(entries: readonly RelayEntry[]): Promise<unknown>
}
