// Work on one task is done one piece after the other; different tasks do not wait for one another.

export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `work` after all earlier work of that key. A failed piece does not fail the next. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const result = before.then(work, work)
    const settled = result.then(
      () => {},
      () => {},
    )
    this.#last.set(key, settled)
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    })
    return result
  }
}
