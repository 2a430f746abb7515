// Rings once, at the time that it was set to last; setting it to the same time again changes nothing.

import type { Clock } from './clock.ts'

interface Options {
  readonly clock: Clock
  readonly ring: () => void
}

/** A reason of our own: making the default one costs more than the timer. */
const SET_ANEW = 'the timer is set anew'

export class Timer {
  readonly #options: Options
  /** What it waits for; undefined after it has rung. */
  #next: { readonly at: number; readonly life: AbortController } | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Milliseconds since 1970, the past included: then it rings as soon as the caller has returned. Undefined: never. */
  set(at: number | undefined): void {
    if (this.#next?.at === at) return
    this.#next?.life.abort(SET_ANEW)
    this.#next = undefined
    if (at !== undefined) void this.#wait(at)
  }

  async #wait(at: number): Promise<void> {
    const { clock, ring } = this.#options
    const life = new AbortController()
    this.#next = { at, life }
    await clock.sleep(Math.max(0, (at - clock.now().getTime()) / 1000), life.signal)
    if (life.signal.aborted) return
    this.#next = undefined
    ring()
  }
}
