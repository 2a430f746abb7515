// Which Spot tasks give way: the youngest first, who have the least work to lose, and no more than are needed. Pure.

import { type Amount, fits, minus, NOTHING } from './amount.ts'

/** `youngestFirst` run and are preemptible; `short` is what must come free. All of them, when that is too little. */
export const victims = <Task extends Amount>(youngestFirst: readonly Task[], short: Amount): Task[] => {
  const chosen: Task[] = []
  let still = short
  for (const task of youngestFirst) {
    if (fits(still, NOTHING)) break
    chosen.push(task)
    still = minus(still, task)
  }
  // A large one at the end may have made small ones before it needless: the oldest of those is spared first.
  for (const task of chosen.toReversed()) {
    const without = { cpuUnits: still.cpuUnits + task.cpuUnits, memoryMiB: still.memoryMiB + task.memoryMiB }
    if (!fits(without, NOTHING)) continue
    still = without
    chosen.splice(chosen.indexOf(task), 1)
  }
  return chosen
}
