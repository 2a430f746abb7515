// Keeps the ledger of the host's room equal to the tasks' records, and gives Spot tasks notice when on-demand needs it.

import { interrupted } from '#apis/ecs/model/spot.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks, unfinishedTasks } from '#apis/ecs/tables.ts'
import type { Capacity, Claim, Need, Shortage } from '#aws/capacity.ts'
import { aborted } from '#base/aborted.ts'
import { backoffSeconds } from '#base/backoff.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Change, Store } from '#store/store.ts'
import { Ledger, type PoolUse } from './ledger.ts'
import { BACKOFF } from './limits.ts'
import type { Room } from './room.ts'

interface Options {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The host's own, over-commitment counted in. */
  readonly pool: Need
  /** From a Spot task's notice to its SIGKILL. */
  readonly spotWarningSeconds: number
}

export class CapacityController implements Capacity, Room {
  readonly #options: Options
  readonly #ledger: Ledger
  readonly #listeners = new Set<(taskArn: string) => void>()
  /** Changed while the records were being read for the first time: what was read of them is old. Then undefined. */
  #changedEarly: Set<string> | undefined = new Set()
  /** Spot tasks whose notice is not on record yet. */
  #evicted: string[] = []
  #wake: () => void = () => {}

  constructor(options: Options) {
    this.#options = options
    this.#ledger = new Ledger(options.pool)
  }

  /** Works until `signal` aborts. Nobody is granted room before the records have been read. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, random } = this.#options
    const unwatch = store.watch([tasks], (changes) => this.#noticed(changes))
    try {
      for (let failures = 0; !signal.aborted;) {
        const isDone = await this.#tried()
        failures = isDone ? 0 : failures + 1
        if (isDone) await this.#wakened(signal)
        else await clock.sleep(backoffSeconds(failures, random, BACKOFF), signal)
      }
    } finally {
      unwatch()
    }
  }

  use(): PoolUse {
    return this.#ledger.use()
  }

  /** What nobody holds, for a task that waits for it; undefined for one that has its room. */
  leftFor(task: TaskRecord): Need | undefined {
    return this.#ledger.isGranted(task.arn) ? undefined : this.#ledger.free()
  }

  setAside(claim: Claim): Shortage | undefined {
    const shortage = this.#ledger.shortage(claim)
    if (shortage !== undefined) return shortage
    this.#ledger.add(claim)
    this.#settle()
    return undefined
  }

  withdraw(arn: string): void {
    this.#ledger.remove(arn)
    this.#settle()
  }

  isGranted(taskArn: string): boolean {
    return this.#ledger.isGranted(taskArn)
  }

  watch(granted: (taskArn: string) => void): () => void {
    this.#listeners.add(granted)
    return () => void this.#listeners.delete(granted)
  }

  /** Called inside of the store's notification: reckons, and leaves the writing to the loop. */
  #noticed(changes: readonly Change[]): void {
    for (const { key, after } of changes) {
      this.#changedEarly?.add(key)
      this.#ledger.record(key, after as TaskRecord | undefined)
    }
    this.#settle()
  }

  #settle(): void {
    if (this.#changedEarly !== undefined) return
    for (const arn of this.#ledger.grant()) for (const listener of this.#listeners) listener(arn)
    const evicted = this.#ledger.evict()
    if (evicted.length === 0) return
    this.#evicted.push(...evicted)
    this.#wake()
  }

  async #tried(): Promise<boolean> {
    const { log } = this.#options
    try {
      if (this.#changedEarly !== undefined) await this.#load()
      while (this.#evicted.length > 0) await this.#giveNotice()
      return true
    } catch (error) {
      if (isFault(error)) log.warn('capacity-fault', { kind: error.kind, reason: error.message })
      else log.bug('capacity-bug', error)
      return false
    }
  }

  async #load(): Promise<void> {
    const found = await this.#options.store.read(unfinishedTasks)
    const known = found.filter(({ arn }) => this.#changedEarly?.has(arn) !== true)
    known.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.arn.localeCompare(b.arn))
    for (const task of known) this.#ledger.record(task.arn, task)
    this.#changedEarly = undefined
    this.#settle()
  }

  async #giveNotice(): Promise<void> {
    const { store, clock, log, spotWarningSeconds } = this.#options
    const arns = [...this.#evicted]
    const at = clock.now().toISOString()
    await store.write(async (tx) => {
      for (const arn of arns) {
        const task = await tx.get(tasks, arn)
        const told = task === undefined ? undefined : interrupted(task, at, spotWarningSeconds)
        if (told !== undefined && told !== task) await tx.put(tasks, told)
      }
    })
    this.#evicted = this.#evicted.slice(arns.length)
    log.info('spot-interrupted', { tasks: arns.join(' '), for: 'on-demand tasks that wait for room' })
  }

  async #wakened(signal: AbortSignal): Promise<void> {
    if (this.#evicted.length > 0 || signal.aborted) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await aborted(signal, woken.signal)
  }
}
