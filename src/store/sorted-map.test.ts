// The sorted map against a plain sorted array, for many random histories.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  countIn,
  emptyMap,
  entriesIn,
  mapOfSorted,
  rangeOf,
  type SortedMap,
  valueAt,
  withEntry,
  withoutEntry,
} from './sorted-map.ts'

const key = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => `k${n}`),
  fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }),
)
const steps = fc.array(fc.record({ key, remove: fc.boolean() }), { maxLength: 600 })

it('holds what a plain map would hold, in order, with every range and count', () => {
  fc.assert(
    fc.property(
      steps,
      fc.boolean(),
      fc.string({ maxLength: 2, unit: 'binary' }),
      key,
      (history, bulk, prefix, after) => {
        const model = new Map<string, number>()
        let map: SortedMap<number> = emptyMap()
        if (bulk) {
          for (let n = 0; n < 300; n += 3) model.set(`k${n}`, -n)
          const keys = [...model.keys()].toSorted()
          map = mapOfSorted(
            keys,
            keys.map((name) => model.get(name)!),
          )
        }
        history.forEach((step, at) => {
          if (step.remove) model.delete(step.key)
          else model.set(step.key, at)
          map = step.remove ? withoutEntry(map, step.key) : withEntry(map, step.key, at)
        })
        const sorted = [...model].toSorted(([a], [b]) => (a < b ? -1 : 1))
        expect(entriesIn(map, rangeOf())).toEqual(sorted)
        expect(map.size).toBe(model.size)
        const matching = sorted.filter(([name]) => name.startsWith(prefix))
        expect(entriesIn(map, rangeOf(prefix))).toEqual(matching)
        expect(countIn(map, rangeOf(prefix))).toBe(matching.length)
        const rest = matching.filter(([name]) => name > after)
        expect(entriesIn(map, rangeOf(prefix, after), 5)).toEqual(rest.slice(0, 5))
        expect(countIn(map, rangeOf(prefix, after))).toBe(rest.length)
        expect(valueAt(map, after)).toBe(model.get(after))
      },
    ),
    { numRuns: 300 },
  )
})

it('leaves older versions as they were', () => {
  const versions: SortedMap<number>[] = [emptyMap()]
  for (let n = 0; n < 200; n++) versions.push(withEntry(versions.at(-1)!, `k${(n * 37) % 200}`, n))
  let last = versions.at(-1)!
  for (let n = 0; n < 200; n++) last = withoutEntry(last, `k${n}`)
  expect(last.size).toBe(0)
  versions.forEach((version, n) => expect(entriesIn(version, rangeOf()).length).toBe(n))
})
