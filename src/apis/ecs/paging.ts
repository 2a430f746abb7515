// Paging as ECS's list operations do it: up to a hundred rows, and a token that fits only the same request.

import type { Call } from '#aws/operation.ts'
import { readPageToken, type Request } from '#aws/pages.ts'
import { scopeKey } from '#aws/scope.ts'
import { InvalidParameterException } from './errors.ts'
import { PAGE_ROWS } from './model/limits.ts'
import { isWithin } from './model/validation/problem.ts'

export interface Paged {
  readonly request: Request
  readonly limit: number
  readonly after: string | undefined
}

interface PagedInput {
  readonly maxResults?: number | undefined
  readonly nextToken?: string | undefined
}

/** `filters` are everything else that shapes the answer. */
export const paged = (call: Call, operation: string, input: PagedInput, filters: readonly unknown[] = []): Paged => {
  const { maxResults: limit = PAGE_ROWS, nextToken } = input
  if (!isWithin(limit, 1, PAGE_ROWS)) {
    throw InvalidParameterException(`maxResults must be between 1 and ${PAGE_ROWS}.`)
  }
  const request = [operation, scopeKey(call.scope), ...filters]
  const after = nextToken === undefined ? undefined : readPageToken(request, nextToken)
  if (nextToken !== undefined && after === undefined) throw InvalidParameterException('Invalid token.')
  return { request, limit, after }
}
