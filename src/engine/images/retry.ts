// Tries again what a registry or the network may do better next time.

import type { Clock } from '#base/clock.ts'
import { type Fault, isFault } from '#base/fault.ts'
import type { Random } from '#base/random.ts'

export interface RetryPolicy {
  readonly tries: number
  /** Before the second try; doubles from try to try. Seconds. */
  readonly firstDelaySeconds: number
  /** No try begins later than this after the first. Seconds. */
  readonly budgetSeconds: number
}

export interface RetryTools {
  readonly clock: Clock
  readonly random: Random
  readonly policy: RetryPolicy
}

/** Runs a piece of work until it succeeds, fails for good, or has been tried often enough. */
export class Retries {
  readonly #tools: RetryTools
  #startedMs: number
  #failures = 0

  constructor(tools: RetryTools) {
    this.#tools = tools
    this.#startedMs = tools.clock.now().getTime()
  }

  /** How often it was tried so far and failed. */
  get failures(): number {
    return this.#failures
  }

  /** There was progress: failures before it do not count. */
  reset(): void {
    this.#failures = 0
    this.#startedMs = this.#tools.clock.now().getTime()
  }

  /** Waits before the next try, or returns false when there is none. */
  async again(signal?: AbortSignal): Promise<boolean> {
    const { clock, random, policy } = this.#tools
    this.#failures += 1
    const delay = policy.firstDelaySeconds * 2 ** (this.#failures - 1) * (0.5 + random.fraction() / 2)
    const elapsed = (clock.now().getTime() - this.#startedMs) / 1000
    if (this.#failures >= policy.tries || elapsed + delay > policy.budgetSeconds) return false
    await clock.sleep(delay, signal)
    signal?.throwIfAborted()
    return true
  }
}

/**
 * AWS tries "not found" again too: its message about a missing tag says "has been retried 5 time(s)". What is denied
 * or broken stays so.
 */
export const mayPass = (error: unknown): error is Fault => isFault(error, 'unreachable') || isFault(error, 'not-found')
