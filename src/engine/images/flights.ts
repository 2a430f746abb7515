// Work that several callers want at the same time is done once; and only so much of it at once.

interface Flight<T> {
  readonly promise: Promise<T>
  readonly controller: AbortController
  waiting: number
}

/** One piece of work per key. It is aborted when the last of those who wait for it has given up. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()
  readonly #running = new Set<Promise<unknown>>()

  /** Joins the work under way for that key, or starts it. Rejects with the signal's reason when that aborts. */
  async join(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiting += 1
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const giveUp = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', giveUp)
    try {
      return await Promise.race([flight.promise, aborted])
    } finally {
      signal?.removeEventListener('abort', giveUp)
      flight.waiting -= 1
      if (flight.waiting === 0 && this.#flights.get(key) === flight) {
        // Nobody may join work that is being given up.
        this.#flights.delete(key)
        flight.controller.abort(signal?.reason)
      }
    }
  }

  /** Resolves when all work has ended, given up or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const promise = work(controller.signal).finally(() => {
      this.#running.delete(promise)
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    // Its failure is told to those who wait; when all have left there is nobody to tell.
    promise.catch(() => {})
    this.#running.add(promise)
    const flight: Flight<T> = { promise, controller, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }
}

/** Lets `count` pieces of work run; the others wait their turn. */
export class Slots {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
