// Pages of long answers: a token that says where the next page begins, and only for the request that it was made for.

import { createHash } from 'node:crypto'

/** Names the request that a token belongs to: the operation, the scope and every filter, but not the page size. */
export type Request = readonly unknown[]

const FINGERPRINT_BYTES = 9

const fingerprint = (request: Request): Buffer =>
  createHash('sha256').update(JSON.stringify(request)).digest().subarray(0, FINGERPRINT_BYTES)

/** Opaque to callers. `after` is the key of the last row that was shown. */
export const pageToken = (request: Request, after: string): string =>
  Buffer.concat([fingerprint(request), Buffer.from(after)]).toString('base64url')

/** The key after which the page begins; undefined for a token that was not made for this request. */
export const readPageToken = (request: Request, token: string): string | undefined => {
  const bytes = Buffer.from(token, 'base64url')
  // Buffer ignores what is no Base64: only a token that reads back the same is one of ours.
  if (bytes.length <= FINGERPRINT_BYTES || bytes.toString('base64url') !== token) return undefined
  if (!bytes.subarray(0, FINGERPRINT_BYTES).equals(fingerprint(request))) return undefined
  return bytes.subarray(FINGERPRINT_BYTES).toString()
}

export interface Page<T> {
  readonly items: T[]
  readonly nextToken?: string
}

/**
 * One page of rows that are all at hand, in the order of their keys (code units). A row that has gone since the last
 * page was shown does no harm: the page begins with the next key. `after` is what `readPageToken` gave.
 */
export const pageOf = <T>(
  rows: readonly T[],
  options: {
    readonly request: Request
    readonly limit: number
    readonly keyOf: (row: T) => string
    readonly after?: string | undefined
    readonly descending?: boolean
  },
): Page<T> => {
  const { request, limit, after, descending = false } = options
  const keyed = rows.map((row) => ({ key: options.keyOf(row), row }))
  keyed.sort((a, b) => (a.key < b.key === descending ? 1 : -1))
  const start = after === undefined ? 0 : keyed.findIndex(({ key }) => (descending ? key < after : key > after))
  if (start === -1) return { items: [] }
  const shown = keyed.slice(start, start + limit)
  const items = shown.map(({ row }) => row)
  const last = shown.at(-1)
  if (last === undefined || start + limit >= keyed.length) return { items }
  return { items, nextToken: pageToken(request, last.key) }
}
