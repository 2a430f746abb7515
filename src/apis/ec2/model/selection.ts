// What every Describe call does with what it found: pick by id, filter, and cut into pages. Pure.

import type { Filter, Tag } from '@aws-sdk/client-ec2'
import { filtered, type FilterTable } from '#aws/filters.ts'
import { ec2Error, invalidValue } from '../errors.ts'
import { LARGEST_PAGE, SMALLEST_PAGE } from './limits.ts'
import { checkId, notFound, type ResourceKind } from './resource-kind.ts'

/** How items of one kind are found. Everything is asked of the described form, which is what AWS documents. */
export interface Selectable<Item> {
  readonly kind: ResourceKind
  readonly idOf: (item: Item) => string
  readonly tagsOf: (item: Item) => readonly Tag[]
  readonly filters: FilterTable<Item>
  /** Where pages may be smaller than elsewhere. */
  readonly smallestPage?: number
}

export interface SelectionRequest {
  readonly ids?: readonly string[] | undefined
  readonly Filters?: readonly Filter[] | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface Selection<Item> {
  readonly items: Item[]
  readonly NextToken?: string
}

/** Refuses malformed ids and those of which there is no item. */
const pickedById = <Item>(items: readonly Item[], ids: readonly string[], of: Selectable<Item>): Item[] => {
  for (const id of ids) checkId(of.kind, id)
  const byId = new Map(items.map((item) => [of.idOf(item), item]))
  return [...new Set(ids)].map((id) => {
    const item = byId.get(id)
    if (item === undefined) throw notFound(of.kind, id)
    return item
  })
}

/** A token says after which id to go on; it is opaque to callers. */
const tokenAfter = (id: string): string => Buffer.from(id, 'utf8').toString('base64url')

const readToken = (token: string): string => {
  const id = Buffer.from(token, 'base64url').toString('utf8')
  if (tokenAfter(id) !== token) throw ec2Error('InvalidNextToken', 'The specified NextToken is not valid.')
  return id
}

const checkPageSize = (size: number, smallest: number): void => {
  if (size < smallest) {
    throw invalidValue(size, 'maxResults', `Expecting a value greater than ${smallest}.`)
  }
  if (size > LARGEST_PAGE) {
    throw invalidValue(size, 'maxResults', `Expecting a value less than or equal to ${LARGEST_PAGE}.`)
  }
}

/** One page, in the order of ids. */
export const paged = <Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  request: Pick<SelectionRequest, 'MaxResults' | 'NextToken'>,
  smallestPage = SMALLEST_PAGE,
): Selection<Item> => {
  if (request.MaxResults !== undefined) checkPageSize(request.MaxResults, smallestPage)
  const after = request.NextToken === undefined ? undefined : readToken(request.NextToken)
  const sorted = items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const rest = after === undefined ? sorted : sorted.filter((item) => idOf(item) > after)
  const page = rest.slice(0, request.MaxResults ?? LARGEST_PAGE)
  const last = page.at(-1)
  return {
    items: page,
    ...(last === undefined || page.length === rest.length ? {} : { NextToken: tokenAfter(idOf(last)) }),
  }
}

export const selection = <Item>(
  items: readonly Item[],
  request: SelectionRequest,
  of: Selectable<Item>,
): Selection<Item> => {
  const picked = request.ids === undefined || request.ids.length === 0 ? items : pickedById(items, request.ids, of)
  return paged(filtered(picked, request.Filters, of.filters, of.tagsOf), of.idOf, request, of.smallestPage)
}
