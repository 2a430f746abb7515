// Keeps sockets open at the places that are wished, one change after another; a place that another program has is tried
// again.

import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '#base/clock.ts'

interface Options<Wish, Held> {
  readonly clock: Clock
  readonly retrySeconds: number
  /** Undefined while another program has the place. */
  readonly open: (wish: Wish) => Promise<Held | undefined>
}

export class KeptPlaces<Place, Wish, Held extends { close(): unknown }> {
  readonly #options: Options<Wish, Held>
  readonly #held = new Map<Place, { readonly wish: Wish; readonly socket: Held }>()
  readonly #ended = new AbortController()
  #wishes: ReadonlyMap<Place, Wish> = new Map()
  /** One change after another. */
  #line: Promise<void> = Promise.resolve()
  #isRetrying = false

  constructor(options: Options<Wish, Held>) {
    this.#options = options
  }

  /** Resolves to the places that it has of those. What is wished of a place anew is opened anew. */
  async set(wishes: ReadonlyMap<Place, Wish>): Promise<Place[]> {
    this.#wishes = wishes
    await this.#settled()
    return [...this.#held.keys()]
  }

  /** Whether any place is wished, had or not. */
  get isWanted(): boolean {
    return this.#wishes.size > 0
  }

  sockets(): Held[] {
    return [...this.#held.values()].map(({ socket }) => socket)
  }

  close(): void {
    this.#ended.abort()
    for (const socket of this.sockets()) socket.close()
    this.#held.clear()
  }

  #settled(): Promise<void> {
    this.#line = this.#line.then(() => this.#settle())
    return this.#line
  }

  async #settle(): Promise<void> {
    for (const [place, { wish, socket }] of this.#held) {
      if (isDeepStrictEqual(this.#wishes.get(place), wish)) continue
      socket.close()
      this.#held.delete(place)
    }
    for (const [place, wish] of this.#wishes) {
      if (this.#held.has(place)) continue
      const socket = await this.#options.open(wish)
      if (socket !== undefined) this.#held.set(place, { wish, socket })
    }
    if (this.#held.size < this.#wishes.size) void this.#retry()
  }

  async #retry(): Promise<void> {
    if (this.#isRetrying) return
    this.#isRetrying = true
    await this.#options.clock.sleep(this.#options.retrySeconds, this.#ended.signal)
    this.#isRetrying = false
    if (!this.#ended.signal.aborted) await this.#settled()
  }
}
