// Paging as CodeDeploy's list operations do it: the size of a page is the service's own.

import type { Call } from '#aws/operation.ts'
import { type Page, pageOf, readPageToken } from '#aws/pages.ts'
import { scopeKey } from '#aws/scope.ts'
import { InvalidNextTokenException } from './errors.ts'
import { PAGE_ROWS } from './model/limits.ts'

/** `filters` are everything else that shapes the answer. */
export const page = <T>(
  call: Call,
  nextToken: string | undefined,
  rows: readonly T[],
  options: {
    readonly filters: readonly unknown[]
    readonly keyOf: (row: T) => string
    readonly descending?: boolean
  },
): Page<T> => {
  const request = [scopeKey(call.scope), ...options.filters]
  const after = nextToken === undefined ? undefined : readPageToken(request, nextToken)
  if (nextToken !== undefined && after === undefined) throw InvalidNextTokenException('The next token is not valid')
  return pageOf(rows, { request, limit: PAGE_ROWS, ...options, after })
}
