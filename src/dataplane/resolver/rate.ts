// Tells who asks too often: a bucket of tokens per source that fills with time.

import type { Clock } from '#base/clock.ts'

export interface RateOptions {
  readonly clock: Clock
  readonly perSecond: number
  /** Above that many sources the one longest silent is forgotten. */
  readonly sources: number
}

export class Rate {
  readonly #options: RateOptions
  /** In the order of their last question. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(options: RateOptions) {
    this.#options = options
  }

  /** Takes one token; false when there is none. */
  admits(source: string): boolean {
    const { clock, perSecond, sources } = this.#options
    const now = clock.now().getTime()
    const bucket = this.#buckets.get(source) ?? { tokens: perSecond, at: now }
    const tokens = Math.min(perSecond, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond)
    this.#buckets.delete(source)
    this.#buckets.set(source, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > sources && oldest !== undefined) this.#buckets.delete(oldest)
    return tokens >= 1
  }
}
