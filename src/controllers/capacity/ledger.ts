// Who holds how much of the host, who waits for room, and which Spot task must give way: no I/O, derived from records.

import { claimOf } from '#apis/ecs/model/room.ts'
import { desiredStatus, isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { Claim, Shortage } from '#aws/capacity.ts'
import { type Amount, fits, minus, NOTHING, plus } from './amount.ts'
import { WaitingQueue } from './queue.ts'
import { victims } from './victims.ts'

interface Entry extends Claim {
  readonly number: number
  /** A leaving task holds its room until it has stopped. */
  state: 'waiting' | 'holding' | 'leaving'
}

export interface PoolUse {
  readonly pool: Amount
  readonly onDemand: Amount
  readonly spot: Amount
  /** The part of both that is about to be given back. */
  readonly leaving: Amount
  readonly waitingOnDemand: number
  readonly waitingSpot: number
}

/** Room counts as taken from the moment a task's network interface is recorded: there is no earlier durable trace. */
const holdsRoom = (task: TaskRecord): boolean => task.status.networkInterfaceId !== undefined

export class Ledger {
  readonly pool: Amount
  readonly #entries = new Map<string, Entry>()
  readonly #waiting = { onDemand: new WaitingQueue(), spot: new WaitingQueue() }
  /** Spot tasks that run and have not been told to go. */
  readonly #preemptible = new Map<string, Entry>()
  #onDemand = NOTHING
  #spot = NOTHING
  #leavingOnDemand = NOTHING
  #leavingSpot = NOTHING
  /** What on-demand tasks wait for and will get, once others have left. */
  #promised = NOTHING
  #number = 0

  constructor(pool: Amount) {
    this.pool = pool
  }

  isGranted(arn: string): boolean {
    const entry = this.#entries.get(arn)
    return entry !== undefined && entry.state !== 'waiting'
  }

  use(): PoolUse {
    return {
      pool: this.pool,
      onDemand: this.#onDemand,
      spot: this.#spot,
      leaving: plus(this.#leavingOnDemand, this.#leavingSpot),
      waitingOnDemand: this.#waiting.onDemand.count,
      waitingSpot: this.#waiting.spot.count,
    }
  }

  /** What is short for one more such task; undefined when it fits. */
  shortage({ cpuUnits, memoryMiB, isSpot: spot }: Claim): Shortage | undefined {
    const left = minus(spot ? this.free() : this.#leftForOnDemand(), this.#promised)
    if (memoryMiB > left.memoryMiB) return { of: 'MEMORY', needed: memoryMiB, left: Math.max(0, left.memoryMiB) }
    if (cpuUnits > left.cpuUnits) return { of: 'CPU', needed: cpuUnits, left: Math.max(0, left.cpuUnits) }
    return undefined
  }

  /** A task that is about to be recorded. */
  add(claim: Claim): void {
    if (!this.#entries.has(claim.arn)) this.#enter(claim, 'waiting')
  }

  /** It has stopped, or will never be. */
  remove(arn: string): void {
    const entry = this.#entries.get(arn)
    if (entry === undefined) return
    this.#leave(entry)
    this.#entries.delete(arn)
  }

  /** As it is recorded now; undefined when its row is gone. */
  record(arn: string, task: TaskRecord | undefined): void {
    if (task === undefined || isStopped(task)) return this.remove(arn)
    const known = this.#entries.get(arn)
    const isWanted = desiredStatus(task) === 'RUNNING'
    const isHolding = holdsRoom(task) || (known !== undefined && known.state !== 'waiting')
    // Whoever is no longer wanted waits for nothing.
    if (!isWanted && !isHolding) return this.remove(arn)
    const state = !isHolding ? 'waiting' : isWanted && known?.state !== 'leaving' ? 'holding' : 'leaving'
    if (known === undefined) this.#enter(claimOf(task), state)
    else if (known.state !== state) this.#move(known, state)
  }

  /** Gives out what is free: on-demand before Spot, then oldest first. Returns the ARNs of those who got room. */
  grant(): string[] {
    const granted: string[] = []
    let free = this.free()
    this.#promised = NOTHING
    let left = this.#leftForOnDemand()
    const onDemand: string[] = []
    this.#waiting.onDemand.offer(left, (task) => {
      // Whoever is promised room is not overtaken by a smaller one that came later.
      if (fits(task, minus(free, this.#promised))) {
        free = minus(free, task)
        onDemand.push(task.arn)
      } else this.#promised = plus(this.#promised, task)
      left = minus(left, task)
      return left
    })
    let rest = minus(free, this.#promised)
    const spot: string[] = []
    this.#waiting.spot.offer(rest, (task) => {
      spot.push(task.arn)
      rest = minus(rest, task)
      return rest
    })
    for (const arn of [...onDemand, ...spot]) {
      const entry = this.#entries.get(arn)
      if (entry === undefined) continue
      this.#move(entry, 'holding')
      granted.push(arn)
    }
    return granted
  }

  /** Spot tasks that must go so that on-demand tasks get what they were promised; each is named once. */
  evict(): string[] {
    const coming = plus(this.free(), plus(this.#leavingOnDemand, this.#leavingSpot))
    const short = minus(this.#promised, coming)
    if (fits(short, NOTHING)) return []
    const chosen = victims(
      [...this.#preemptible.values()].toSorted((a, b) => b.number - a.number),
      short,
    )
    for (const { arn } of chosen) {
      const entry = this.#entries.get(arn)
      if (entry !== undefined) this.#move(entry, 'leaving')
    }
    return chosen.map(({ arn }) => arn)
  }

  /** What nobody holds; less than nothing when the pool has shrunk. */
  free(): Amount {
    return minus(this.pool, plus(this.#onDemand, this.#spot))
  }

  /** Were all of Spot to give way, and all that are leaving gone. */
  #leftForOnDemand(): Amount {
    return minus(this.pool, minus(this.#onDemand, this.#leavingOnDemand))
  }

  #enter(claim: Claim, state: Entry['state']): void {
    const entry: Entry = { ...claim, number: ++this.#number, state }
    this.#entries.set(claim.arn, entry)
    this.#arrive(entry)
  }

  #move(entry: Entry, state: Entry['state']): void {
    this.#leave(entry)
    entry.state = state
    this.#arrive(entry)
  }

  #arrive(entry: Entry): void {
    if (entry.state === 'waiting') return this.#queueOf(entry).add(entry)
    if (entry.state === 'holding' && entry.isSpot) this.#preemptible.set(entry.arn, entry)
    this.#count(entry, plus)
  }

  #leave(entry: Entry): void {
    if (entry.state === 'waiting') return this.#queueOf(entry).remove(entry)
    this.#preemptible.delete(entry.arn)
    this.#count(entry, minus)
  }

  #queueOf({ isSpot: spot }: Entry): WaitingQueue {
    return spot ? this.#waiting.spot : this.#waiting.onDemand
  }

  #count(entry: Entry, with_: typeof plus): void {
    const isLeaving = entry.state === 'leaving'
    if (entry.isSpot) {
      this.#spot = with_(this.#spot, entry)
      if (isLeaving) this.#leavingSpot = with_(this.#leavingSpot, entry)
    } else {
      this.#onDemand = with_(this.#onDemand, entry)
      if (isLeaving) this.#leavingOnDemand = with_(this.#leavingOnDemand, entry)
    }
  }
}
