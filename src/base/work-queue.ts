// Works on keys: each at most once at a time, again when it was asked for meanwhile, and later when it failed.

import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** The first wait after a failure; each further one is twice as long, give or take a quarter. */
const BACKOFF_FIRST_SECONDS = 0.1
const BACKOFF_LONGEST_SECONDS = 30

interface Options {
  readonly clock: Clock
  readonly random: Random
  readonly concurrency: number
  /** `attempts` counts from 1 and starts again after a success. Throwing means: try this key again later. */
  readonly work: (key: string, attempts: number) => Promise<void>
  readonly failed: (key: string, attempts: number, error: unknown) => void
  readonly signal: AbortSignal
}

/** Twice as long each time, give or take a quarter, so that keys that failed together do not return together. */
export const backoffSeconds = (attempts: number, random: Random): number =>
  Math.min(BACKOFF_LONGEST_SECONDS, BACKOFF_FIRST_SECONDS * 2 ** (attempts - 1)) * (0.75 + random.fraction() / 2)

export class WorkQueue {
  readonly #options: Options
  readonly #waiting = new Set<string>()
  /** Keys under way; true when asked for again meanwhile. */
  readonly #running = new Map<string, boolean>()
  readonly #attempts = new Map<string, number>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: Options) {
    this.#options = options
  }

  add(key: string): void {
    if (this.#options.signal.aborted) return
    if (this.#running.has(key)) this.#running.set(key, true)
    else this.#waiting.add(key)
    this.#startMore()
  }

  /** Resolves when nothing is under way any more; only of use after the signal. */
  async drained(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  #startMore(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return
      this.#waiting.delete(key)
      this.#running.set(key, false)
      this.#track(this.#runOne(key))
    }
  }

  #track(promise: Promise<void>): void {
    this.#underWay.add(promise)
    void promise.finally(() => this.#underWay.delete(promise))
  }

  async #runOne(key: string): Promise<void> {
    const attempts = (this.#attempts.get(key) ?? 0) + 1
    try {
      await this.#options.work(key, attempts)
      this.#attempts.delete(key)
    } catch (error) {
      this.#attempts.set(key, attempts)
      this.#options.failed(key, attempts, error)
      this.#track(this.#later(key, attempts))
    }
    const again = this.#running.get(key) === true
    this.#running.delete(key)
    if (again) this.#waiting.add(key)
    if (!this.#options.signal.aborted) this.#startMore()
  }

  /** The key waits outside of the queue: its back-off takes nobody's turn. */
  async #later(key: string, attempts: number): Promise<void> {
    await this.#options.clock.sleep(backoffSeconds(attempts, this.#options.random), this.#options.signal)
    this.add(key)
  }
}
