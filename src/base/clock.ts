// Time is handed in, so that a day of scheduling is simulated in milliseconds.

export interface Clock {
  now(): Date
  /** Resolves after that many seconds of this clock's time, or as soon as `signal` aborts. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (seconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        // Left behind, one listener per tick would make a long loop quadratic.
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, seconds * 1000)
      signal?.addEventListener('abort', done)
    }),
}
