// The open sockets of a VPC's endpoints, each in the namespace of its interface; they come and go without the others.

import { statSync } from 'node:fs'
import type { Server } from 'node:net'
import { endpointForward } from './api-forward.ts'
import type { EdgeEndpoint, EdgeVpc } from './contract.ts'

/** What a socket was opened for: while it is the same, it stays. */
const identity = ({ namespacePath, address }: EdgeEndpoint, apiPort: number): string => {
  const namespace = statSync(namespacePath, { throwIfNoEntry: false })?.ino
  return JSON.stringify([namespacePath, namespace, address, apiPort])
}

export class EndpointListeners {
  readonly #open = new Map<string, Server>()

  /** Closes what is not wanted any more and opens what is not open. Throws the first failure after all were tried. */
  set({ endpoints = [], apiPort }: EdgeVpc): void {
    const wanted = new Map(endpoints.map((endpoint) => [identity(endpoint, apiPort), endpoint]))
    for (const [key, server] of this.#open) {
      if (wanted.has(key)) continue
      server.close()
      this.#open.delete(key)
    }
    const failures: unknown[] = []
    for (const [key, endpoint] of wanted) {
      if (this.#open.has(key)) continue
      try {
        this.#open.set(key, endpointForward(endpoint, apiPort))
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  close(): void {
    for (const server of this.#open.values()) server.close()
    this.#open.clear()
  }
}
