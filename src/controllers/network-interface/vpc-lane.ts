// One VPC's turnstile: its router is changed by one call at a time, and is right before an interface is tied to it.

import type { Network, VpcPlan } from '#network/network.ts'
import type { VpcServices, VpcServicesPlan } from './vpc-services.ts'

export interface LoadedVpc {
  readonly plan: VpcPlan
  readonly services: VpcServicesPlan
}

interface Options {
  readonly id: string
  readonly network: Network
  readonly services: VpcServices
  /** What the VPC is to be by now; undefined when it is no more. */
  readonly load: () => Promise<LoadedVpc | undefined>
}

export class VpcLane {
  readonly #options: Options
  #queue: Promise<unknown> = Promise.resolve()
  /** The plan that is in force, as text; undefined when there is no router that we know of. */
  #inForce: string | undefined
  #stale = true

  constructor(options: Options) {
    this.#options = options
  }

  /** Something about the VPC has changed: whoever comes next applies it first. */
  markStale(): void {
    this.#stale = true
  }

  /** The router is not there any more, whoever took it: the next one who needs it makes it again. */
  forgetRouter(): void {
    this.#inForce = undefined
    this.#stale = true
  }

  /** Runs `work` with a router that is up to date, and with no other call on this VPC under way. */
  withRouter<T>(work: () => Promise<T>): Promise<T> {
    return this.#next(async () => {
      await this.#refresh(true)
      return work()
    })
  }

  /** Runs `work` alone, whatever the router's state. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#next(work)
  }

  /** Applies what has changed to a router that exists; makes none. */
  refresh(): Promise<void> {
    return this.#next(() => this.#refresh(false))
  }

  /** Takes the router away if `isUnused` still says so when it is this call's turn. */
  removeIf(isUnused: () => Promise<boolean>): Promise<void> {
    return this.#next(async () => {
      if (!(await isUnused())) return
      this.forgetRouter()
      await this.#options.services.removeVpc(this.#options.id)
      await this.#options.network.removeVpc(this.#options.id)
    })
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    // A call that failed must not fail the next one; its caller hears of it.
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  async #refresh(make: boolean): Promise<void> {
    if (!this.#stale || (!make && this.#inForce === undefined)) return
    // Cleared before reading: a change that comes while we apply is not lost.
    this.#stale = false
    try {
      const loaded = await this.#options.load()
      if (loaded === undefined) return
      const text = JSON.stringify(loaded)
      if (text === this.#inForce) return
      await this.#options.network.applyVpc(loaded.plan)
      await this.#options.services.setVpc(loaded.services)
      this.#inForce = text
    } catch (error) {
      this.#stale = true
      throw error
    }
  }
}
