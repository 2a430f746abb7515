// Rules that ask for nothing but a path, as two tables: a look into each finds the first of them that applies, however many
// there are. Asking one after the other costs each request as many comparisons as a listener has rules.

import type { RulePlan } from '../balancer.ts'
import { plainPattern } from './conditions.ts'

/** A path, or the start of one, and the number of the first rule that applies to it. */
export interface PathTables {
  readonly whole: ReadonlyMap<string, number>
  readonly starts: ReadonlyMap<string, number>
}

/** The patterns of a rule that a table can tell; undefined when it asks for more. */
const patternsOf = ({ conditions }: RulePlan) => {
  const [only, ...others] = conditions
  if (only?.on !== 'path' || others.length > 0) return undefined
  const plain = only.patterns.flatMap((wild) => plainPattern(wild) ?? [])
  return plain.length === only.patterns.length ? plain : undefined
}

export const isInTables = (rule: RulePlan): boolean => patternsOf(rule) !== undefined

/** Rules count from 1, the first one wins. HAProxy finds the longest start: it is given the rules of all shorter ones. */
export const pathTables = (rules: readonly RulePlan[]): PathTables => {
  const first = { str: new Map<string, number>(), beg: new Map<string, number>() }
  for (const [index, rule] of rules.entries()) {
    for (const { way, text } of patternsOf(rule) ?? []) {
      if (!first[way].has(text)) first[way].set(text, index + 1)
    }
  }
  const best = (path: string, own: number): number => {
    let least = own
    for (let length = 0; length <= path.length; length++) {
      least = Math.min(least, first.beg.get(path.slice(0, length)) ?? least)
    }
    return least
  }
  const settled = (table: ReadonlyMap<string, number>) =>
    new Map([...table].map(([path, own]) => [path, best(path, own)] as const))
  return { whole: settled(first.str), starts: settled(first.beg) }
}

/** As HAProxy reads a map from a file. */
export const tableText = (table: ReadonlyMap<string, number>): string =>
  [...table].map(([path, rule]) => `${path} ${rule}\n`).join('')
