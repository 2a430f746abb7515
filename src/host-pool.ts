// The pool that tasks share: this machine's CPUs and memory, times how far each may be promised more than once.

import { availableParallelism, totalmem } from 'node:os'
import type { Need } from '#aws/capacity.ts'
import type { Config } from './config.ts'

const MIB = 1024 ** 2
/** One vCPU in AWS's CPU units. */
const UNITS_PER_CPU = 1024

export interface Host {
  readonly cpus: number
  readonly memoryMiB: number
}

/** As far as this process may use it: a container around us, or an affinity, may leave less than the machine has. */
export const thisHost = (): Host => {
  // Without a limit it tells zero, or a number that no machine has.
  const constrained = process.constrainedMemory()
  const bytes = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem()
  return { cpus: availableParallelism(), memoryMiB: Math.floor(bytes / MIB) }
}

export const poolOf = (
  { cpus, memoryMiB }: Host,
  { cpuOvercommit, memoryOvercommit }: Pick<Config, 'cpuOvercommit' | 'memoryOvercommit'>,
): Need => ({
  cpuUnits: Math.floor(cpus * UNITS_PER_CPU * cpuOvercommit),
  memoryMiB: Math.floor(memoryMiB * memoryOvercommit),
})
