// Page tokens: they fit the request they were made for, and survive rows that come and go.

import { expect, it } from 'vitest'
import { pageOf, pageToken, readPageToken } from './pages.ts'

const request = ['ListThings', 'eu-west-1', 'filter']
const keyOf = (row: string): string => row

it('walks through all rows once, in the order of their keys', () => {
  const rows = ['d', 'b', 'a', 'c', 'e']
  const seen: string[] = []
  let token: string | undefined
  do {
    const after = token === undefined ? undefined : readPageToken(request, token)
    const page = pageOf(rows, { request, limit: 2, keyOf, after })
    seen.push(...page.items)
    token = page.nextToken
  } while (token !== undefined)
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
})

it('walks backwards too', () => {
  const first = pageOf(['a', 'b', 'c'], { request, limit: 2, keyOf, descending: true })
  expect(first.items).toEqual(['c', 'b'])
  const after = readPageToken(request, first.nextToken!)
  expect(pageOf(['a', 'b', 'c'], { request, limit: 2, keyOf, descending: true, after })).toEqual({ items: ['a'] })
})

it('goes on with the next row when the last one shown has gone, and ends when all have', () => {
  expect(pageOf(['a', 'c'], { request, limit: 2, keyOf, after: 'b' }).items).toEqual(['c'])
  expect(pageOf(['a'], { request, limit: 2, keyOf, after: 'b' })).toEqual({ items: [] })
})

it('gives no token after the last row', () => {
  expect(pageOf(['a', 'b'], { request, limit: 2, keyOf })).toEqual({ items: ['a', 'b'] })
})

it.each([
  ['another request', pageToken(['ListThings', 'eu-west-1', 'other'], 'a')],
  ['nobody', 'eyJhIjoxfQ'],
  ['a typist', `${pageToken(request, 'a')}!`],
  ['silence', ''],
])('refuses a token of %s', (_, token) => {
  expect(readPageToken(request, token)).toBeUndefined()
})

it('tells no key to who looks at the token', () => {
  expect(pageToken(request, 'secret-key')).not.toContain('secret')
})
