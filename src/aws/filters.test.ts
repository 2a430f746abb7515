import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Filter, filtered, matchesPattern, VALUES_PER_CALL } from './filters.ts'

/** The slow and obvious way, to compare with. */
const slowly = (text: string, pattern: string): boolean => {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') return slowly(text, pattern.slice(1)) || (text !== '' && slowly(text.slice(1), pattern))
  if (pattern[0] === '\\' && pattern.length > 1) {
    return text[0] === pattern[1] && slowly(text.slice(1), pattern.slice(2))
  }
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slowly(text.slice(1), pattern.slice(1))
}

test('a pattern matches exactly what its definition says', () => {
  const letters = (signs: string[], maxLength: number): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...signs), { maxLength }).map((list) => list.join(''))
  fc.assert(
    fc.property(letters(['a', 'b', '*', '?', '\\'], 8), letters(['a', 'b', '*', '?', '\\'], 8), (text, pattern) => {
      expect(matchesPattern(text, pattern)).toBe(slowly(text, pattern))
    }),
    { numRuns: 2000 },
  )
})

test('a pattern made to backtrack is answered all the same', () => {
  expect(matchesPattern('a'.repeat(2000), `${'*a'.repeat(500)}b`)).toBe(false)
})

const items = [
  { id: 'one', port: 80, isOpen: true, tags: [{ Key: 'Name', Value: 'web' }] },
  { id: 'two', port: 443, isOpen: false, tags: [{ Key: 'stage', Value: '' }] },
]
type Item = (typeof items)[number]
const table = { id: (item: Item) => [item.id], port: (item: Item) => [item.port], open: (item: Item) => [item.isOpen] }
const found = (...filters: Filter[]): string[] =>
  filtered(items, filters, table, (item) => item.tags).map(({ id }) => id)

test.each<[Filter[], string[]]>([
  [[], ['one', 'two']],
  [[{ Name: 'id', Values: ['t*'] }], ['two']],
  [[{ Name: 'id', Values: ['one', 'two'] }], ['one', 'two']],
  [[{ Name: 'id', Values: ['ONE'] }], []],
  [[{ Name: 'port', Values: ['443'] }], ['two']],
  [
    [
      { Name: 'open', Values: ['true'] },
      { Name: 'port', Values: ['443'] },
    ],
    [],
  ],
  [[{ Name: 'tag:Name', Values: ['w?b'] }], ['one']],
  [[{ Name: 'tag:stage', Values: [''] }], ['two']],
  [[{ Name: 'tag-key', Values: ['stage', 'none'] }], ['two']],
  [[{ Name: 'id' }], []],
])('%j finds %j', (filters, ids) => {
  expect(found(...filters)).toEqual(ids)
})

test('an unknown filter is refused, even one that every object has', () => {
  expect(() => found({ Name: 'colour', Values: ['red'] })).toThrow("The filter 'colour' is invalid")
  expect(() => found({ Name: 'toString', Values: ['x'] })).toThrow("The filter 'toString' is invalid")
  expect(() => found({ Values: ['x'] })).toThrow("The filter 'null' is invalid")
})

test('more values than EC2 takes are refused', () => {
  expect(() => found({ Name: 'id', Values: Array<string>(VALUES_PER_CALL + 1).fill('one') })).toThrow(
    'The maximum number of filter values specified on a single call is 200',
  )
})
