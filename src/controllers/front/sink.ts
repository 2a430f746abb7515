// What listens on the host's loopback and leads to load balancers by their names. The only file others import.

export interface FrontEntry {
  /** Lower case, below "localhost". */
  readonly name: string
  readonly port: number
  /** Where the load balancer answers, at the same port. */
  readonly address: string
}

export interface FrontSink {
  /** Resolves when it leads to exactly these, as far as the ports are to be had. Faults are retried. */
  setFront(entries: readonly FrontEntry[]): Promise<unknown>
}
