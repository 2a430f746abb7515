// Ports of the host's loopback that lead to load balancers, by the name that a client asks for: where two of them listen
// on the same port, "web.eu-west-1.elb.localhost" tells which is meant. Bytes pass as they are, TLS included.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { Clock } from '#base/clock.ts'
import type { FrontEntry } from './contract.ts'
import { KeptPlaces } from './kept-places.ts'
import * as limits from './limits.ts'
import { type Spoken, spokenName } from './spoken-name.ts'

/** Where every name below "localhost" leads (RFC 6761 6.3). */
const LOOPBACK = '127.0.0.1'

export interface FrontOptions {
  readonly clock: Clock
}

const isBelow = (name: string, top: string): boolean => name === top || name.endsWith(`.${top}`)

/** Whoever listens alone on a port is meant by everyone; what is said first need not be waited for. */
const onlyOne = (entries: readonly FrontEntry[]): FrontEntry | undefined =>
  entries.length === 1 ? entries[0] : undefined

const refusal = (entries: readonly FrontEntry[]): string => {
  const body = `Several load balancers listen on this port. Ask for one of them by its name:\n${entries.map(({ name }) => `  ${name}\n`).join('')}`
  return `HTTP/1.1 421 Misdirected Request\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
}

export class Front {
  readonly #ports: KeptPlaces<number, number, Server>
  #entries: readonly FrontEntry[] = []

  constructor({ clock }: FrontOptions) {
    this.#ports = new KeptPlaces({
      clock,
      retrySeconds: limits.FRONT_RETRY_SECONDS,
      open: (port) => this.#opened(port),
    })
  }

  /** Resolves to the ports that it has of those: another program may have one, and is waited for. */
  set(entries: readonly FrontEntry[]): Promise<number[]> {
    this.#entries = entries
    return this.#ports.set(new Map(entries.map(({ port }) => [port, port])))
  }

  close(): void {
    this.#ports.close()
  }

  /** Connections that are open go on when it is closed. */
  async #opened(port: number): Promise<Server | undefined> {
    const server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket, port))
    server.maxConnections = limits.FRONT_CONNECTIONS
    server.listen(port, LOOPBACK)
    try {
      await once(server, 'listening')
      return server
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Some other program's, another Neargate's among them.
      if (code === 'EADDRINUSE' || code === 'EACCES') return undefined
      throw error
    }
  }

  async #serve(client: Socket, port: number): Promise<void> {
    client.setNoDelay()
    client.on('error', () => client.destroy())
    const entries = this.#entries.filter((entry) => entry.port === port)
    const only = onlyOne(entries)
    if (only !== undefined) return carried(client, only)
    client.setTimeout(limits.FIRST_BYTES_SECONDS * 1000, () => client.destroy())
    const spoken = await firstSpoken(client)
    const meant = entries.find(({ name }) => spoken.name !== undefined && isBelow(spoken.name, name))
    if (meant !== undefined) return carried(client, meant)
    if (spoken.isHttp) client.end(refusal(entries))
    else client.destroy()
  }
}

/** What the client asks for; what it has said is there to be read again. */
const firstSpoken = (client: Socket): Promise<Exclude<Spoken, 'more'>> =>
  new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const done = (spoken: Exclude<Spoken, 'more'>): void => {
      client.off('data', look).off('end', gone).off('close', gone).pause()
      if (bytes.length > 0 && !client.destroyed) client.unshift(bytes)
      resolve(spoken)
    }
    const look = (part: Buffer): void => {
      bytes = Buffer.concat([bytes, part])
      const spoken = spokenName(bytes)
      if (spoken !== 'more') done(spoken)
    }
    const gone = (): void => done({ isHttp: false })
    client.on('data', look).on('end', gone).on('close', gone)
  })

const carried = (client: Socket, { address, port }: FrontEntry): void => {
  const balancer = connect({ host: address, port, allowHalfOpen: true })
  balancer.setNoDelay()
  client.setTimeout(0)
  // How long a connection may rest is the load balancer's to say; whichever side ends, the other one learns it.
  pipeline(client, balancer, (error) => error === null || error === undefined || client.destroy())
  pipeline(balancer, client, (error) => error === null || error === undefined || balancer.destroy())
}
