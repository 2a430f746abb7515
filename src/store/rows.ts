// Rows as the store holds them: plain JSON, deep-frozen, and parsed only when first looked at.

import { KEY_LENGTH_LIMIT, ROW_DEPTH_LIMIT, ROW_LENGTH_LIMIT } from './limits.ts'

/** A row that was read from disk stays text until somebody asks: opening 10,000 tasks must not parse 10,000 tasks. */
export class Cell {
  #json: string | undefined
  #row: unknown

  private constructor(json: string | undefined, row: unknown) {
    this.#json = json
    this.#row = row
  }

  static ofText(json: string): Cell {
    return new Cell(json, undefined)
  }

  static ofRow(row: unknown): Cell {
    return new Cell(undefined, frozen(row))
  }

  get row(): unknown {
    if (this.#json !== undefined) {
      this.#row = frozenAsItIs(JSON.parse(this.#json))
      this.#json = undefined
    }
    return this.#row
  }
}

/** For what was checked when it was written. */
const frozenAsItIs = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) for (const member of value) frozenAsItIs(member)
  else for (const name in value) frozenAsItIs((value as Record<string, unknown>)[name])
  return Object.freeze(value)
}

const frozen = (row: unknown): unknown => {
  const size = freeze(row, 'row', 0)
  if (size > ROW_LENGTH_LIMIT) throw new Error(`a row of ${size} characters is too large to store`)
  return row
}

/**
 * Freezes all the way down and returns about how long the value is as JSON. Throws on what JSON would lose or change,
 * so that every store returns the same row.
 */
const freeze = (value: unknown, path: string, depth: number): number => {
  if (typeof value === 'string') return value.length + 2
  if (value === null || typeof value === 'boolean') return 5
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${path} is ${value}: not a JSON number`)
    return 8
  }
  if (typeof value !== 'object') throw new Error(`${path} is a ${typeof value}: not a JSON value`)
  if (depth > ROW_DEPTH_LIMIT) throw new Error(`${path} is nested too deeply to store`)
  let size = 2
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) size += 1 + freeze(value[at], `${path}[]`, depth + 1)
  } else {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) throw new Error(`${path} is no plain object`)
    for (const [name, member] of Object.entries(value)) {
      // An absent member may be spelt `undefined`; JSON drops it, and reading it gives the same.
      if (member !== undefined) size += name.length + 4 + freeze(member, name, depth + 1)
    }
  }
  Object.freeze(value)
  return size
}

/** Throws unless the text can be a key on every store: well-formed (it becomes UTF-8), not empty, not endless. */
export const checkedKey = (key: string, table: string): string => {
  if (typeof key !== 'string' || key === '' || key.length > KEY_LENGTH_LIMIT || !key.isWellFormed()) {
    throw new Error(`table ${table}: ${JSON.stringify(key)} cannot be a key`)
  }
  return key
}
