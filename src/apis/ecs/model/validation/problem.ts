// How validation speaks: each theme yields what is wrong, in AWS's words and AWS's order; the first one is sent.

export type Problems = Generator<string, void>

/** Looks no further than the first. */
export const firstOf = (...themes: readonly Problems[]): string | undefined => {
  for (const theme of themes) {
    const { done, value } = theme.next()
    if (done !== true) return value
  }
  return undefined
}

export const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most
