// Ports of the host's loopback whose datagrams go to load balancers, each client's from a socket of its own in the load
// balancer's network namespace, so that the answers find back to it.

import { createSocket, type Socket } from 'node:dgram'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import { datagramSocket } from '#linux/network-socket.ts'
import type { RelayEntry } from './contract.ts'
import { KeptPlaces } from './kept-places.ts'
import * as limits from './limits.ts'

const placeOf = ({ address, port }: Pick<RelayEntry, 'address' | 'port'>): string => `${address}:${port}`

interface Client {
  readonly socket: Socket
  /** Milliseconds since 1970: when anything went through last. */
  lastAt: number
}

class Relay {
  readonly #entry: RelayEntry
  readonly #clock: Clock
  readonly #socket: Socket
  /** By "address:port" of the client; who was silent longest comes first. */
  readonly #clients = new Map<string, Client>()

  private constructor(entry: RelayEntry, socket: Socket, clock: Clock) {
    this.#entry = entry
    this.#clock = clock
    this.#socket = socket
    socket.on('message', (bytes, { address, port }) => this.#arrived(bytes, address, port))
  }

  /** Undefined while another program has the port. */
  static async opened(entry: RelayEntry, clock: Clock): Promise<Relay | undefined> {
    const socket = createSocket('udp4')
    const isOurs = await new Promise<boolean>((resolve) => {
      // Whatever keeps the port from us, it is asked for again; what is lost later is lost.
      socket.on('error', () => resolve(false))
      socket.bind({ address: entry.address, port: entry.port, exclusive: true }, () => resolve(true))
    })
    if (isOurs) return new Relay(entry, socket, clock)
    socket.close()
    return undefined
  }

  close(): void {
    this.#socket.close()
    for (const { socket } of this.#clients.values()) socket.close()
    this.#clients.clear()
  }

  /** Lets go of clients that have been silent since then: milliseconds since 1970. */
  forgetBefore(instant: number): void {
    for (const [name, { lastAt }] of this.#clients) if (lastAt < instant) this.#forget(name)
  }

  #forget(name: string): void {
    this.#clients.get(name)?.socket.close()
    this.#clients.delete(name)
  }

  #arrived(bytes: Buffer, address: string, port: number): void {
    const name = placeOf({ address, port })
    const client = this.#clients.get(name) ?? this.#newClient(address, port)
    if (client === undefined) return
    this.#heard(name, client)
    // What is lost is lost, as on any network.
    client.socket.send(bytes, this.#entry.port, this.#entry.door.address, () => {})
  }

  #heard(name: string, client: Client): void {
    client.lastAt = this.#clock.now().getTime()
    this.#clients.delete(name)
    this.#clients.set(name, client)
  }

  /** Undefined while the load balancer's namespace is not there. */
  #newClient(address: string, port: number): Client | undefined {
    const { door } = this.#entry
    let descriptor: number
    try {
      descriptor = datagramSocket(door.namespacePath, door.address, 0)
    } catch (error) {
      if (isFault(error)) return undefined
      throw error
    }
    const [silentLongest] = this.#clients.keys()
    if (silentLongest !== undefined && this.#clients.size >= limits.RELAYED_CLIENTS) this.#forget(silentLongest)
    const client = { socket: createSocket('udp4'), lastAt: 0 }
    client.socket.on('error', () => {})
    client.socket.on('message', (bytes, from) => {
      if (from.address !== door.address || from.port !== this.#entry.port) return
      this.#heard(placeOf({ address, port }), client)
      this.#socket.send(bytes, port, address, () => {})
    })
    client.socket.bind({ fd: descriptor })
    return client
  }
}

export class Relays {
  readonly #clock: Clock
  readonly #relays: KeptPlaces<string, RelayEntry, Relay>
  readonly #ended = new AbortController()
  #isLooking = false

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock
    const retrySeconds = limits.RELAYED_LOOK_SECONDS
    this.#relays = new KeptPlaces({ clock, retrySeconds, open: (entry) => Relay.opened(entry, clock) })
  }

  /** Resolves to those that it has, as "address:port": another program may have one, and is waited for. */
  async set(entries: readonly RelayEntry[]): Promise<string[]> {
    const places = await this.#relays.set(new Map(entries.map((entry) => [placeOf(entry), entry])))
    void this.#look()
    return places
  }

  close(): void {
    this.#ended.abort()
    this.#relays.close()
  }

  /** While there is any: for clients that are silent. */
  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    while (this.#relays.isWanted && !this.#ended.signal.aborted) {
      await this.#clock.sleep(limits.RELAYED_LOOK_SECONDS, this.#ended.signal)
      const instant = this.#clock.now().getTime() - limits.RELAYED_IDLE_SECONDS * 1000
      for (const relay of this.#relays.sockets()) relay.forgetBefore(instant)
    }
    this.#isLooking = false
  }
}
