// A control plane that dies at a chosen moment: what it holds of the world goes dead in its hands.

/** Counts the calls that touch the world, and burns through at one of them. */
export class Fuse {
  #calls = 0
  #isBlown = false
  readonly #at: number
  readonly #when: 'before' | 'after'

  /** `before`: the call is not made any more; `after`: it is made, and nobody learns of it. */
  constructor(at = Number.POSITIVE_INFINITY, when: 'before' | 'after' = 'before') {
    this.#at = at
    this.#when = when
  }

  get isBlown(): boolean {
    return this.#isBlown
  }

  get calls(): number {
    return this.#calls
  }

  blow(): void {
    this.#isBlown = true
  }

  async pass<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isBlown) return never()
    const isLast = ++this.#calls === this.#at
    if (isLast && this.#when === 'before') {
      this.blow()
      return never()
    }
    const answer = await call()
    if (isLast) this.blow()
    return this.#isBlown ? never() : answer
  }
}

const never = <T>(): Promise<T> => new Promise(() => {})

/** The same object through the fuse: `acts` are counted, all other functions only go dead when it has blown. */
export const behind = <T extends object>(fuse: Fuse, real: T, acts: readonly (keyof T)[]): T =>
  new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        // Of what is told, a dead process hears nothing.
        const given = args.map((arg) => (typeof arg === 'function' && name === 'watch' ? muted(fuse, arg) : arg))
        const call = (): unknown => value.apply(target, given)
        if (acts.includes(name as keyof T)) return fuse.pass(call as () => Promise<unknown>)
        const answer = call()
        if (!(answer instanceof Promise)) return answer
        return answer.then((found: unknown) => (fuse.isBlown ? never() : found))
      }
    },
  })

const muted =
  (fuse: Fuse, listener: Function) =>
  (...heard: unknown[]): void => {
    if (!fuse.isBlown) listener(...heard)
  }
