// Pages of IAM's lists: a marker says after which name to go on. Pure.

import { validationError } from '../errors.ts'
import { DEFAULT_PAGE, LARGEST_PAGE } from './limits.ts'

export interface PageRequest {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export interface Page<Item> {
  readonly items: Item[]
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string }
}

const markerAfter = (name: string): string => Buffer.from(name, 'utf8').toString('base64')

const readMarker = (marker: string): string => {
  const name = Buffer.from(marker, 'base64').toString('utf8')
  if (markerAfter(name) !== marker) throw validationError('Invalid Marker.')
  return name
}

/** In the order of names. */
export const paged = <Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { Marker, MaxItems = DEFAULT_PAGE }: PageRequest,
): Page<Item> => {
  if (MaxItems < 1 || MaxItems > LARGEST_PAGE) {
    const bound = MaxItems < 1 ? 'greater than or equal to 1' : `less than or equal to ${LARGEST_PAGE}`
    throw validationError(
      `1 validation error detected: Value '${MaxItems}' at 'maxItems' failed to satisfy constraint: ` +
        `Member must have value ${bound}`,
    )
  }
  const after = Marker === undefined ? undefined : readMarker(Marker)
  const left = items
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .filter((item) => after === undefined || nameOf(item) > after)
  const page = left.slice(0, MaxItems)
  const last = page.at(-1)
  const isTruncated = last !== undefined && left.length > page.length
  return {
    items: page,
    rest: { IsTruncated: isTruncated, ...(isTruncated ? { Marker: markerAfter(nameOf(last)) } : {}) },
  }
}
