// One service's turns, one at a time: each loads, decides and commits in one transaction, and sets a timer for the time
// at which something is due although nothing happens.

import type { ServiceArn } from '#aws/arn.ts'
import { backoffSeconds } from '#base/backoff.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { Timer } from '#base/timer.ts'
import type { Store } from '#store/store.ts'
import { commit } from './commit.ts'
import { BACKOFF, TURNS_AT_A_STRETCH } from './limits.ts'
import { factsOf } from './load.ts'
import { plan } from './plan.ts'
import type { Alarms, AskHook, HookAnswer, HookCall } from './seams.ts'

export interface LaneOptions {
  readonly arn: ServiceArn
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly alarms: Alarms
  readonly askHook: AskHook
  /** Nothing more is to be done about this service. */
  readonly ended: () => void
}

export class ServiceLane {
  readonly #options: LaneOptions
  readonly #life = new AbortController()
  #turning: Promise<void> | undefined
  #isWoken = false
  readonly #asking = new Set<string>()
  readonly #answers = new Map<string, HookAnswer>()
  readonly #timer: Timer

  constructor(options: LaneOptions) {
    this.#options = options
    this.#timer = new Timer({ clock: options.clock, ring: () => this.wake() })
  }

  /** Something may have changed. */
  wake(): void {
    this.#isWoken = true
    if (this.#turning !== undefined || this.#life.signal.aborted) return
    this.#turning = this.#turns().finally(() => {
      this.#turning = undefined
      // Woken after the last look and before this: the next turn is ours to begin.
      if (this.#isWoken) this.wake()
    })
  }

  end(): void {
    this.#life.abort()
    this.#timer.set(undefined)
  }

  /** Resolves when no turn is under way any more; only of use after end(). */
  async drained(): Promise<void> {
    await this.#turning
  }

  async #turns(): Promise<void> {
    const { clock, random, log, arn } = this.#options
    for (let failures = 0, turns = 1; this.#isWoken && !this.#life.signal.aborted; turns++) {
      this.#isWoken = false
      // Nothing needs so many at a stretch: decisions that undo each other must not take the machine.
      if (turns % TURNS_AT_A_STRETCH === 0) await clock.sleep(BACKOFF.firstSeconds, this.#life.signal)
      try {
        await this.#turn()
        failures = 0
      } catch (error) {
        this.#isWoken = true
        failures++
        if (isFault(error))
          log.warn('service-fault', { service: arn, kind: error.kind, reason: error.message, failures })
        else log.bug('service-bug', error, { service: arn, failures })
        await clock.sleep(backoffSeconds(failures, random, BACKOFF), this.#life.signal)
      }
    }
  }

  async #turn(): Promise<void> {
    const { store, clock, random, alarms, arn } = this.#options
    const turn = await store.write(async (tx) => {
      const facts = await factsOf(tx, arn, { alarms, hookAnswers: this.#answers, now: clock.now() })
      if (facts === undefined) return undefined
      const decided = plan(facts)
      // What one turn has changed, the next may have to go on from: the last one finds nothing to do.
      const hasChanged = await commit(tx, decided, random)
      return { decided, hasChanged }
    })
    if (this.#life.signal.aborted) return
    if (turn === undefined) {
      this.end()
      return this.#options.ended()
    }
    for (const call of turn.decided.calls) void this.#ask(call)
    if (turn.hasChanged) this.#isWoken = true
    else this.#timer.set(turn.decided.wakeAt)
  }

  /** Beside the turns: a hook may take its time. */
  async #ask(call: HookCall): Promise<void> {
    const { askHook, log, arn } = this.#options
    if (this.#asking.has(call.hookId)) return
    this.#asking.add(call.hookId)
    const answer = await askHook(call).catch((error: unknown): HookAnswer => {
      log.warn('service-hook', { service: arn, hook: call.hookId, reason: String(error) })
      return { status: 'FAILED' }
    })
    this.#asking.delete(call.hookId)
    this.#answers.set(call.hookId, answer)
    this.wake()
  }
}
