// Filter patterns against events, as AWS documents them.

import { expect, it } from 'vitest'
import { filterTest } from './filter-pattern.ts'

const json = JSON.stringify({
  level: 'ERROR',
  status: 404,
  latency: 1.5,
  ok: false,
  user: null,
  'odd key': 'x',
  request: { path: '/items/7/edit', tags: ['a', 'b'] },
  list: [{ name: 'one' }, { name: 'two' }],
})

it.each([
  // terms
  ['', 'anything', true],
  ['ERROR', '[ERROR 400] BAD REQUEST', true],
  ['ERROR', '[error 400]', false],
  ['ERROR ARGUMENTS', 'ERROR: wrong ARGUMENTS', true],
  ['ERROR ARGUMENTS', 'ERROR: wrong', false],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['"INTERNAL SERVER ERROR"', 'SERVER INTERNAL ERROR', false],
  ['"say \\"hi\\""', 'they say "hi" now', true],
  ['ERROR -ARGUMENTS', 'ERROR: out of memory', true],
  ['ERROR -ARGUMENTS', 'ERROR: wrong ARGUMENTS', false],
  ['-"not this"', 'something', true],
  ['?ERROR ?WARN', 'WARN: x', true],
  ['?ERROR ?WARN', 'INFO: x', false],
  ['?ERROR ?WARN INFO', 'INFO: x', true],
  // JSON
  ['{ $.level = "ERROR" }', json, true],
  ['{ $.level = ERROR }', json, true],
  ['{ $.level = "ERR*" }', json, true],
  ['{ $.level = "*ROR" }', json, true],
  ['{ $.level = "E*R*R" }', json, true],
  ['{ $.level != "ERROR" }', json, false],
  ['{ $.level != "WARN" }', json, true],
  ['{ $.status = 404 }', json, true],
  ['{ $.status = 4* }', json, true],
  ['{ $.status != 404 }', json, false],
  ['{ $.status >= 400 && $.status < 500 }', json, true],
  ['{ $.status > 404 || $.level = "WARN" }', json, false],
  ['{ ($.status > 404 || $.level = "ERROR") && $.latency <= 1.5e0 }', json, true],
  ['{ $.status = 1 || $.status = 404 && $.level = "ERROR" }', json, true],
  ['{ $.request.path = "/items/*/edit" }', json, true],
  ['{ $.request.tags[1] = "b" }', json, true],
  ['{ $.request.tags[2] = "b" }', json, false],
  ['{ $.list[*].name = "two" }', json, true],
  ['{ $["odd key"] = "x" }', json, true],
  ['{ $.user IS NULL }', json, true],
  ['{ $.ok IS FALSE }', json, true],
  ['{ $.ok IS TRUE }', json, false],
  ['{ $.missing NOT EXISTS }', json, true],
  ['{ $.level NOT EXISTS }', json, false],
  ['{ $.missing != "x" }', json, false],
  ['{ $.constructor NOT EXISTS }', json, true],
  ['{ $.level = %^ERR% }', json, true],
  ['{ $.level = "ERROR" }', 'level = ERROR', false],
  ['{ $.level = "ERROR" }', '{ broken', false],
  // regular expressions
  ['%AUTHORIZED%', '[ERROR 401] UNAUTHORIZED', true],
  ['%4[0-9]{2}%', 'status 404', true],
  ['%^4[0-9]{2}$%', 'status 404', false],
  ['%\\d+ms$%', 'took 15ms', true],
  ['%\\d+ms$%', 'took 15ms!', false],
  ['%colou?r|gr[ae]y%', 'a grey cat', true],
  ['%[^a-z]x%', 'ax', false],
  ['%a.c%', 'abc', true],
  ['%a\\.c%', 'abc', false],
  ['%x{2,3}y%', 'xy xxy', true],
  ['%^x{2,3}$%', 'xxxx', false],
  ['-%[0-9]%', 'no digit', true],
] as const)('%s against %s: %s', (pattern, message, expected) => {
  expect(filterTest(pattern)?.(message)).toBe(expected)
})

it.each([
  '"not closed',
  '{ $.a = }',
  '{ $.a ~ 1 }',
  '{ a = 1 }',
  '{ ($.a = 1 }',
  '{ $.a < "text" }',
  '{ $.a IS 7 }',
  `{ ${'('.repeat(200)}$.a = 1${')'.repeat(200)} }`,
  '%a(b)%',
  '%*a%',
  '%[a%',
  '[ip, user]',
])('%s is refused', (pattern) => {
  expect(filterTest(pattern)).toBeUndefined()
})

it('is not brought to its knees by a pattern made for that', () => {
  const evil = filterTest(`%${'a*'.repeat(200)}b%`)!
  expect(evil('a'.repeat(5000))).toBe(false)
  expect(filterTest('%a{1000}{1000}{1000}%')).toBeUndefined()
  expect(filterTest(`{ $.a = "${'*a'.repeat(400)}" }`)!(JSON.stringify({ a: 'a'.repeat(5000) + 'b' }))).toBe(false)
})
