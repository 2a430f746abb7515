// Goal: AppSpec files are read as people write them; what cannot be read is refused in one line, and quickly.

import { describe, expect, it } from 'vitest'
import { parseYaml, YamlError } from './yaml.ts'

describe('reads', () => {
  it.each([
    ['a map', 'a: 1\nb: two', { a: 1, b: 'two' }],
    ['a map in a map', 'a:\n  b:\n    c: x\nd: y', { a: { b: { c: 'x' } }, d: 'y' }],
    ['a list of maps', '- a: 1\n  b: 2\n- a: 3', [{ a: 1, b: 2 }, { a: 3 }]],
    ['a list as deep as its key', 'Hooks:\n- A: one\n- B: two', { Hooks: [{ A: 'one' }, { B: 'two' }] }],
    ['a list below its key', 'Hooks:\n  - A: one\n  - B: two\nz: 1', { Hooks: [{ A: 'one' }, { B: 'two' }], z: 1 }],
    ['a map below a dash', '-\n  a: 1\n-\n  b: 2', [{ a: 1 }, { b: 2 }]],
    [
      'a map below a key below a dash',
      '- Target:\n    Type: t\n    P:\n      q: 1',
      [{ Target: { Type: 't', P: { q: 1 } } }],
    ],
    ['brackets', 'a: ["x", y, \'z\', 1]\nb: {c: d, "e": [f]}', { a: ['x', 'y', 'z', 1], b: { c: 'd', e: ['f'] } }],
    ['brackets over several lines', 'a: [x,\n  y,\n  z]\nb: 1', { a: ['x', 'y', 'z'], b: 1 }],
    ['quotes', 'a: "x: # \\"y\\""\nb: \'it\'\'s\'', { a: 'x: # "y"', b: "it's" }],
    ['comments and empty lines', '# hello\na: 1 # one\n\n  # two\nb: x#y', { a: 1, b: 'x#y' }],
    ['an apostrophe in a word', "a: it's fine # yes", { a: "it's fine" }],
    [
      'colons in values',
      'a: arn:aws:ecs:eu-west-1:1:task-definition/x:7',
      { a: 'arn:aws:ecs:eu-west-1:1:task-definition/x:7' },
    ],
    ['scalars', 'a: true\nb: null\nc: ~\nd: 0.0\ne: "80"\nf:', { a: true, b: null, c: null, d: 0, e: '80', f: null }],
    ['JSON', '{"a": [1, {"b": "c:d"}], "e": null}', { a: [1, { b: 'c:d' }], e: null }],
    ['JSON over several lines', '{\n  "a": [\n    1\n  ]\n}', { a: [1] }],
    ['the marks of a document', '---\na: 1\n...', { a: 1 }],
    ['Windows line ends', 'a:\r\n  b: 1\r\n', { a: { b: 1 } }],
    ['nothing', '', null],
    ['a key that every object has', '__proto__: 1', JSON.parse('{"__proto__": 1}')],
  ])('%s', (_, source, value) => {
    expect(parseYaml(source)).toEqual(value)
  })
})

describe('reads what other parsers read, too', () => {
  it.each([
    ['an alias', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['a block of text', 'a: |\n  one\n  two', { a: 'one\ntwo\n' }],
  ])('%s', (_, source, value) => {
    expect(parseYaml(source)).toEqual(value)
  })
})

describe('refuses, with the line', () => {
  it.each([
    ['a tag', 'a: 1\nb: !Ref x', 'in line 2'],
    ['a tab that indents', 'a:\n\tb: 1', 'in line 2'],
    ['a key that is there twice', 'a: 1\na: 2', 'duplicated mapping key in line 2'],
    ['a quote that stays open', 'a: "x', 'in line 1'],
    ['a depth that nobody writes', `${'['.repeat(40)}${']'.repeat(40)}`, 'nesting exceeded'],
  ])('%s', (_, source, problem) => {
    expect(() => parseYaml(source)).toThrow(YamlError)
    expect(() => parseYaml(source)).toThrow(problem)
  })

  it('a few aliases that stand for a billion values', () => {
    const lines = Array.from(
      { length: 30 },
      (_, at) => `b${at}: &b${at} [*${at === 0 ? 'a' : `b${at - 1}`}, *${at === 0 ? 'a' : `b${at - 1}`}]`,
    )
    expect(() => parseYaml(['a: &a x', ...lines].join('\n'))).toThrow('more than 10000 values')
  })
})

it.each([
  ['lines of an open bracket', `a: [${'\n  x,'.repeat(50_000)}`],
  ['spaces in a bracket', `a: [b${' '.repeat(200_000)}c]`],
  ['quotes', `a: ${`"`.repeat(200_000)}`],
  ['dashes', '- '.repeat(100_000)],
])('comes to an end with many %s, which would take quadratic time minutes', (_, source) => {
  let end = 'read'
  try {
    parseYaml(source)
  } catch (error) {
    end = error instanceof YamlError ? 'refused' : String(error)
  }
  expect(['read', 'refused']).toContain(end)
})
