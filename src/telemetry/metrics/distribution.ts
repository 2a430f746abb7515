// How values are spread, in few numbers: how many fell into each of the steps between 0 and any size, a step being 5 % more
// than the one before. What adds up adds up, and any percentile is known to within 2.5 %. Pure.

/** How many values by step. */
export type Distribution = Readonly<Record<string, number>>

const GROWTH = 1.05
/** Beyond 1e-20 and 1e20 all is the same. */
const STEPS_MOST = 1000
const ZERO = 'zero'

/** Undefined for what is less than 0: CloudWatch has no percentiles of that either. */
const stepOf = (value: number): string | undefined => {
  if (value < 0 || Number.isNaN(value)) return undefined
  if (value === 0) return ZERO
  return String(Math.min(STEPS_MOST, Math.max(-STEPS_MOST, Math.round(Math.log(value) / Math.log(GROWTH)))))
}

/** The value in the middle of a step. */
const valueOf = (step: string): number => (step === ZERO ? 0 : GROWTH ** Number(step))

/** Of values and how often each was seen. */
export const distributionOf = (
  values: readonly (readonly [value: number, count: number])[],
): Distribution | undefined => {
  const found: Record<string, number> = {}
  for (const [value, count] of values) {
    const step = stepOf(value)
    if (step === undefined) return undefined
    found[step] = (found[step] ?? 0) + count
  }
  return found
}

export const addedUp = (one: Distribution, other: Distribution): Distribution => {
  const all: Record<string, number> = { ...one }
  for (const [step, count] of Object.entries(other)) all[step] = (all[step] ?? 0) + count
  return all
}

/** The value that so many per cent of the values are not above. */
export const percentileOf = (distribution: Distribution, percent: number): number => {
  const steps = Object.entries(distribution)
    .map(([step, count]) => [valueOf(step), count] as const)
    .toSorted(([a], [b]) => a - b)
  const total = steps.reduce((sum, [, count]) => sum + count, 0)
  let passed = 0
  for (const [value, count] of steps) {
    passed += count
    // A little less is enough: shares of what was estimated do not add up to the last digit.
    if (passed >= (total * percent) / 100 - 1e-6) return value
  }
  return steps.at(-1)?.[0] ?? 0
}
