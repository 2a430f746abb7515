// Works on keys: each at most once at a time, again when it was asked for meanwhile, and later when it failed.

import { backoffSeconds } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

const BACKOFF = { firstSeconds: 0.1, longestSeconds: 30 } as const

interface Options {
  readonly clock: Clock
  readonly random: Random
  readonly concurrency: number
  /** `attempts` counts from 1 and starts again after a success. Throwing means: try this key again later. */
  readonly work: (key: string, attempts: number) => Promise<void>
  readonly failed: (key: string, attempts: number, error: unknown) => void
  readonly signal: AbortSignal
}

export class WorkQueue {
  readonly #options: Options
  readonly #waiting = new Set<string>()
  /** Keys under way; true when asked for again meanwhile. */
  readonly #running = new Map<string, boolean>()
  readonly #attempts = new Map<string, number>()
  /** Which of a key's waits is the one that counts: others asked for the key meanwhile, and it failed again. */
  readonly #waits = new Map<string, symbol>()
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
      this.#waits.delete(key)
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
    const { clock, random, signal } = this.#options
    const wait = Symbol(key)
    this.#waits.set(key, wait)
    await clock.sleep(backoffSeconds(attempts, random, BACKOFF), signal)
    if (this.#waits.get(key) !== wait) return
    this.#waits.delete(key)
    this.add(key)
  }
}
