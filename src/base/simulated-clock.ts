// A clock that moves only when told to, for scenarios and simulations.

import type { Clock } from './clock.ts'

interface Sleeper {
  readonly wakeAt: number
  readonly order: number
  readonly wake: () => void
}

export class SimulatedClock implements Clock {
  #now: number
  #order = 0
  #sleepers: Sleeper[] = []

  constructor(start = '2026-01-01T00:00:00Z') {
    this.#now = Date.parse(start)
  }

  now(): Date {
    return new Date(this.#now)
  }

  sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const sleeper: Sleeper = { wakeAt: this.#now + seconds * 1000, order: this.#order++, wake: done }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', done)
    })
  }

  /** Moves time forward by `seconds`, waking each sleeper at its instant, in the order they went to sleep. */
  async advance(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000
    for (;;) {
      // Work still under way must reach its own sleep before time moves, or it would be passed by.
      await settle()
      const next = this.#sleepers
        .filter((sleeper) => sleeper.wakeAt <= end)
        .toSorted((a, b) => a.wakeAt - b.wakeAt || a.order - b.order)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.wakeAt)
      next.wake()
    }
    this.#now = end
    await settle()
  }
}

/** Lets every promise that can move without time move. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
