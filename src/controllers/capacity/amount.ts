// Amounts of CPU and memory, reckoned with together. Pure.

import type { Need } from '#aws/capacity.ts'

export type Amount = Need

export const NOTHING: Amount = { cpuUnits: 0, memoryMiB: 0 }

export const plus = (a: Amount, b: Amount): Amount => ({
  cpuUnits: a.cpuUnits + b.cpuUnits,
  memoryMiB: a.memoryMiB + b.memoryMiB,
})

export const minus = (a: Amount, b: Amount): Amount => ({
  cpuUnits: a.cpuUnits - b.cpuUnits,
  memoryMiB: a.memoryMiB - b.memoryMiB,
})

/** Nothing needed fits anywhere, even where less than nothing is left. */
export const fits = (need: Amount, left: Amount): boolean =>
  (need.cpuUnits <= 0 || need.cpuUnits <= left.cpuUnits) && (need.memoryMiB <= 0 || need.memoryMiB <= left.memoryMiB)
