// The one-pass regular expressions against JavaScript's own, and against patterns made to hurt.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { linearRegex } from './linear-regex.ts'

const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '[a-c]',
  '\\d',
  '\\w',
  '\\.',
  '(ab)',
  '(?:a|b)',
  '(a*)',
  '((a|bc)+)',
)
const piece = fc
  .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?'))
  .map((parts) => parts.join(''))
const pattern = fc
  .tuple(fc.boolean(), fc.array(piece, { maxLength: 5 }), fc.array(piece, { maxLength: 3 }), fc.boolean())
  .map(([start, one, two, end]) => {
    const body = two.length === 0 ? one.join('') : `${one.join('')}|${two.join('')}`
    return `${start ? '^' : ''}${body}${end ? '$' : ''}`
  })
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '1', ' '), maxLength: 12 })

it('matches what JavaScript matches', () => {
  fc.assert(
    fc.property(pattern, text, (expression, subject) => {
      expect(linearRegex(expression)!(subject), `${expression} on "${subject}"`).toBe(
        new RegExp(expression).test(subject),
      )
    }),
    { numRuns: 3000 },
  )
})

it.each([
  '(',
  ')',
  'a)',
  '[a',
  '*a',
  'a\\',
  '(?=a)',
  '(a)\\1',
  '\\bword',
  'a{3,2}',
  '(a{99}){99}',
  '('.repeat(60) + ')'.repeat(60),
])('does not take %s', (expression) => {
  expect(linearRegex(expression)).toBeUndefined()
})

it.each([
  ['(a+)+$', 'a'.repeat(5000) + 'b'],
  ['(a|a)*b', 'a'.repeat(5000)],
  ['(a*)*c', 'a'.repeat(5000)],
])('is not brought to its knees by %s', (expression, subject) => {
  expect(linearRegex(expression)!(subject)).toBe(false)
})
