// The nft commands that turn one packet filter into another, as one transaction. Pure.

import type { ElementChange } from '#linux/network-kernel.ts'
import { combinationChains, EMPTY, type Element, type Filter } from './filter.ts'
import { braces, type Chain, GENERATION, GENERATION_SHIFT } from './flow-chains.ts'

export const TABLE = 'inet vpc'
/** The mark has room for so many; then they begin anew. */
const GENERATIONS = 0xffffff

export const nextGeneration = (generation: number): number => (generation % GENERATIONS) + 1

/** Lists what `loadedGeneration` reads. */
export const GENERATION_QUERY = `list chain ${TABLE} passed`

/** The generation of the rules that the kernel has, from what nft says of them. */
export const loadedGeneration = (listing: string): number => {
  const [, hex = '0'] = /ct mark set ct mark & \S+ \| (0x[0-9a-f]+)/.exec(listing) ?? []
  return Number(hex) >>> GENERATION_SHIFT
}

const elementCommands = (verb: 'add' | 'delete', elements: readonly Element[]): string[] => {
  const bySet = new Map<string, string[]>()
  for (const { set, key, value } of elements) {
    const texts = bySet.get(set) ?? []
    texts.push(verb === 'delete' || value === undefined ? key : `${key} : ${value}`)
    bySet.set(set, texts)
  }
  return [...bySet].map(([set, texts]) => `${verb} element ${TABLE} ${set} ${braces(texts)}`)
}

const text = ({ set, key, value }: Element): string => `${set} ${key} ${value ?? ''}`

/** What is in `some` and not in `others`. */
const missing = (some: Filter, others: Filter): Element[] =>
  [...some.entries].flatMap(([id, entry]) => {
    const other = others.entries.get(id)
    if (other === entry) return []
    const there = new Set(other?.elements.map(text))
    return entry.elements.filter((element) => !there.has(text(element)))
  })

const sameRules = (a: Chain | undefined, b: Chain): boolean =>
  a === b || (a?.rules.length === b.rules.length && a.rules.every((rule, position) => rule === b.rules[position]))

const isOfGeneration = ({ rules }: Chain): boolean => rules.some((rule) => rule.includes(GENERATION))

/** Chains of `after` whose rules are to be written. */
const writtenChains = (before: Filter, after: Filter): [string, Chain][] => {
  const isNewGeneration = before.generation !== after.generation
  const fixed =
    before.chains === after.chains && !isNewGeneration
      ? []
      : [...after.chains].filter(
          ([name, chain]) => !sameRules(before.chains.get(name), chain) || (isNewGeneration && isOfGeneration(chain)),
        )
  const combinations = combinationChains(before)
  return [
    ...fixed,
    ...[...combinationChains(after)].filter(([name, chain]) => !sameRules(combinations.get(name), chain)),
  ]
}

const all = (filter: Filter): Set<string> => new Set([...filter.chains.keys(), ...combinationChains(filter).keys()])

/** True when a flow that was let pass before might not be any more. An interface that goes takes its flows along. */
export const mayCut = (before: Filter, after: Filter): boolean => {
  const there = all(before)
  if ([...before.chains.keys()].some((name) => !after.chains.has(name))) return true
  if (writtenChains(before, { ...after, generation: before.generation }).some(([name]) => there.has(name))) return true
  return missing(before, after).length > 0 && [...after.entries.keys()].some((id) => changed(before, after, id))
}

const changed = (before: Filter, after: Filter, id: string): boolean =>
  before.entries.has(id) && before.entries.get(id) !== after.entries.get(id)

/** The whole difference where it is elements only, as when an interface comes or goes; else undefined. */
export const elementChanges = (before: Filter, after: Filter): ElementChange[] | undefined => {
  const isSameSets =
    before.sets === after.sets ||
    (before.sets.size === after.sets.size && [...after.sets.keys()].every((name) => before.sets.has(name)))
  const [there, then] = [all(before), all(after)]
  if (!isSameSets || there.size !== then.size || [...then].some((name) => !there.has(name))) return undefined
  if (writtenChains(before, after).length > 0) return undefined
  const changes = (verb: 'add' | 'delete', elements: readonly Element[]): ElementChange[] =>
    elements.map((element) => ({ do: verb, ...element }))
  return [...changes('delete', missing(before, after)), ...changes('add', missing(after, before))]
}

/** The commands of one transaction that turns one filter into the other; empty when nothing differs. */
export const transition = (before: Filter, after: Filter): string => {
  const [there, then] = [all(before), all(after)]
  const newSets = [...after.sets].filter(([name]) => !before.sets.has(name))
  const goneSets = [...before.sets.keys()].filter((name) => !after.sets.has(name))
  const gone = [...there].filter((name) => !then.has(name))
  const written = writtenChains(before, after)
  const fresh = [...then].filter((name) => !there.has(name))
  const flushed = [...written.map(([name]) => name).filter((name) => there.has(name)), ...gone]
  const generation = `0x${(after.generation * 2 ** GENERATION_SHIFT).toString(16)}`
  const hookOf = (name: string): string => {
    const hook = after.chains.get(name)?.hook
    return hook === undefined ? '' : ` { ${hook} }`
  }
  return [
    // What is referred to comes before what refers to it, and goes after it.
    ...newSets.map(([name, body]) => `add ${body.replace(' ', ` ${TABLE} ${name} `)}`),
    ...fresh.map((name) => `add chain ${TABLE} ${name}${hookOf(name)}`),
    ...flushed.map((name) => `flush chain ${TABLE} ${name}`),
    ...elementCommands('delete', missing(before, after)),
    ...written.flatMap(([name, { rules }]) =>
      rules.map((rule) => `add rule ${TABLE} ${name} ${rule.replaceAll(GENERATION, generation)}`),
    ),
    ...elementCommands('add', missing(after, before)),
    ...gone.map((name) => `delete chain ${TABLE} ${name}`),
    ...goneSets.map((name) => `delete set ${TABLE} ${name}`),
  ].join('\n')
}

/** The commands of one transaction that makes the filter so, whatever is there now. Conntrack is not touched. */
export const rewrite = (after: Filter): string =>
  [`add table ${TABLE}`, `delete table ${TABLE}`, `add table ${TABLE}`, transition(EMPTY, after)].join('\n')
