// Pages of Describe calls: Elastic Load Balancing names the token "Marker".

import { pageOf, readPageToken, type Request } from '#aws/pages.ts'
import { validationError } from './errors.ts'
import { PAGE_SIZE_MOST } from './model/limits.ts'

export interface Paged<Row> {
  readonly items: Row[]
  readonly marker: { readonly NextMarker?: string }
}

/** The page that a call asks for. Rows are shown in the order of their keys. */
export const paged = <Row>(
  rows: readonly Row[],
  input: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
  request: Request,
  keyOf: (row: Row) => string,
): Paged<Row> => {
  const { Marker, PageSize = PAGE_SIZE_MOST } = input
  const after = Marker === undefined ? undefined : readPageToken(request, Marker)
  if (Marker !== undefined && after === undefined) throw validationError('Invalid marker')
  const { items, nextToken } = pageOf(rows, { request, limit: PageSize, keyOf, after })
  return { items, marker: nextToken === undefined ? {} : { NextMarker: nextToken } }
}
