// How long to wait after a failure: twice as long each time, and not quite the same for everybody.

import type { Random } from './random.ts'

export interface BackoffLimits {
  readonly firstSeconds: number
  readonly longestSeconds: number
}

/** `failures` counts from 1. Give or take a quarter, so that those who failed together do not return together. */
export const backoffSeconds = (
  failures: number,
  random: Random,
  { firstSeconds, longestSeconds }: BackoffLimits,
): number => Math.min(longestSeconds, firstSeconds * 2 ** (failures - 1)) * (0.75 + random.fraction() / 2)
