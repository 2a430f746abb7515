// Waiting for something to be called off.

/** Resolves as soon as one of them aborts. */
export const aborted = async (...signals: readonly AbortSignal[]): Promise<void> => {
  if (signals.some((signal) => signal.aborted)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      // Left behind, one listener per wait would stay with a signal that lives as long as the process.
      for (const signal of signals) signal.removeEventListener('abort', done)
      resolve()
    }
    for (const signal of signals) signal.addEventListener('abort', done)
  })
}
