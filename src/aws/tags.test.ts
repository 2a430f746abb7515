// Tags: what AWS refuses in them, and how lists of them are put together.

import { describe, expect, it } from 'vitest'
import { mergedTags, tagProblem, tagsOverLimit, withoutTags } from './tags.ts'

const many = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '' }))

describe('a list of tags', () => {
  it.each([
    ['fifty-one tags', many(51), 'The number of tags exceeds the limit of 50.'],
    ['no key', [{ value: 'x' }], 'Tag key can not be empty.'],
    ['a key of 129', [{ key: 'k'.repeat(129) }], 'Tag key can not be longer than 128 characters.'],
    ['a value of 257', [{ key: 'k', value: 'v'.repeat(257) }], 'Tag value can not be longer than 256 characters.'],
    ['aws:', [{ key: 'AWS:x' }], `Tag keys starting with 'aws:' are reserved for system use.`],
    ['a key with <', [{ key: '<' }], 'Tag keys and values contain invalid characters.'],
    ['a value with #', [{ key: 'k', value: '#' }], 'Tag keys and values contain invalid characters.'],
    [
      'a key twice',
      [{ key: 'k' }, { key: 'k' }],
      'Duplicate tag keys found. Please note that Tag keys are case sensitive.',
    ],
  ])('is refused with %s', (_, tags, problem) => {
    expect(tagProblem(tags)).toBe(problem)
  })

  it('is taken with fifty tags, any language, and keys that differ in case', () => {
    expect(tagProblem(many(50))).toBeUndefined()
    expect(tagProblem([{ key: 'équipe', value: '開発 + test@x.y/z:1=2_3-4' }])).toBeUndefined()
    expect(tagProblem([{ key: 'a' }, { key: 'A' }])).toBeUndefined()
  })
})

it('replaces tags of the same key and adds the others', () => {
  const merged = mergedTags(
    [
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
    ],
    [{ key: 'a', value: '2' }],
  )
  expect(merged).toEqual([
    { key: 'a', value: '2' },
    { key: 'b', value: '1' },
  ])
})

it('takes away by key, and minds no unknown one', () => {
  expect(withoutTags([{ key: 'a' }, { key: 'b' }], ['a', 'x'])).toEqual([{ key: 'b' }])
})

it('does not count what AWS itself has set', () => {
  expect(tagsOverLimit([...many(50), { key: 'aws:ecs:clusterName' }])).toBe(false)
  expect(tagsOverLimit(many(51))).toBe(true)
})
