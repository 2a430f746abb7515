// Tells who asks too often: a bucket per caller that holds a burst and fills with time.

import type { Clock } from '#base/clock.ts'
import { CALLERS, REQUESTS_AT_ONCE, REQUESTS_PER_SECOND } from './limits.ts'

export class Buckets {
  readonly #clock: Clock
  /** In the order of their last request. */
  readonly #byCaller = new Map<string, { readonly tokens: number; readonly at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes one token; false when there is none. */
  admits(caller: string): boolean {
    const at = this.#clock.now().getTime()
    const last = this.#byCaller.get(caller) ?? { tokens: REQUESTS_AT_ONCE, at }
    const filled = last.tokens + (Math.max(0, at - last.at) / 1000) * REQUESTS_PER_SECOND
    const tokens = Math.min(REQUESTS_AT_ONCE, filled)
    const isAdmitted = tokens >= 1
    this.#byCaller.delete(caller)
    this.#byCaller.set(caller, { tokens: isAdmitted ? tokens - 1 : tokens, at })
    const [oldest] = this.#byCaller.keys()
    if (this.#byCaller.size > CALLERS && oldest !== undefined) this.#byCaller.delete(oldest)
    return isAdmitted
  }
}
