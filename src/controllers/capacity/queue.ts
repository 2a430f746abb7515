// Tasks that wait for room, oldest first, kept by size: twenty thousand of one size are passed over at one glance.

import { type Amount, fits } from './amount.ts'

export interface Waiting extends Amount {
  readonly arn: string
  /** Grows with every task: the oldest has the least. */
  readonly number: number
}

const sizeOf = ({ cpuUnits, memoryMiB }: Amount): string => `${cpuUnits} ${memoryMiB}`

export class WaitingQueue {
  /** Each line is in the order of its numbers. */
  readonly #lines = new Map<string, Map<string, Waiting>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Its number must be greater than all before it. */
  add(task: Waiting): void {
    const size = sizeOf(task)
    const line = this.#lines.get(size) ?? new Map<string, Waiting>()
    this.#lines.set(size, line)
    line.set(task.arn, task)
    this.#count++
  }

  remove(task: Waiting): void {
    const size = sizeOf(task)
    const line = this.#lines.get(size)
    if (line?.delete(task.arn) !== true) return
    this.#count--
    if (line.size === 0) this.#lines.delete(size)
  }

  /**
   * Offers `left` to the tasks in their order; `take` returns what is left after one that fits. One that does not fit
   * is passed over, and so are all of its size. `take` must not change the queue.
   */
  offer(left: Amount, take: (task: Waiting) => Amount): void {
    let heads = [...this.#lines.values()].map((line) => {
      const rest = line.values()
      return { rest, next: rest.next().value }
    })
    for (;;) {
      // What is left only shrinks, so a size that does not fit now will not fit later.
      heads = heads.filter(({ next }) => next !== undefined && fits(next, left))
      const [first, ...others] = heads
      if (first?.next === undefined) return
      let oldest = first
      for (const head of others) if (head.next!.number < oldest.next!.number) oldest = head
      left = take(oldest.next!)
      oldest.next = oldest.rest.next().value
    }
  }
}
