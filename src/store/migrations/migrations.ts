// How rows of older formats become rows of today's: numbered steps, forward only, each tested beside this file.

/** One row as it lies on the disk. */
export interface StoredRow {
  readonly table: string
  readonly key: string
  readonly row: unknown
}

export interface Migration {
  /** The format it leads to; the first format is 1, so the first migration leads to 2. */
  readonly to: number
  /** What changes and why, for the reader of a log. */
  readonly what: string
  /** What becomes of a row: itself, another, several, or none. Must not fail on rows of tables it does not know. */
  readonly change: (row: StoredRow) => readonly StoredRow[]
}

/** In order. A released migration is never edited: a mistake is mended by the next one. */
export const migrations: readonly Migration[] = []

/** The format that a program with these migrations writes. Throws when a number is missing or out of order. */
export const formatOf = (steps: readonly Migration[]): number => {
  steps.forEach((step, at) => {
    if (step.to !== at + 2) throw new Error(`migration ${at + 1} leads to ${step.to}, not to ${at + 2}`)
  })
  return steps.length + 1
}

/** Carries a row from format `from` through all later steps. */
export const migrated = (row: StoredRow, from: number, steps: readonly Migration[]): readonly StoredRow[] =>
  steps.filter((step) => step.to > from).reduce<readonly StoredRow[]>((rows, step) => rows.flatMap(step.change), [row])
