// The filters of Describe calls: a name and values, any of which may match; all filters must. Pure.
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html)

import { AwsError } from './refusal.ts'

export interface Filter {
  readonly Name?: string | undefined
  readonly Values?: readonly string[] | undefined
}

interface Tag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** For each filter name, the texts of an item of which one must match. */
export type FilterTable<Item> = Readonly<
  Record<string, (item: Item) => readonly (string | number | boolean | undefined)[]>
>

/** EC2's limit on one call. */
export const VALUES_PER_CALL = 200

/**
 * `*` stands for any number of characters, `?` for one, and a backslash takes the meaning from what follows. Case
 * counts. Time is at most the product of both lengths, whatever the pattern: it comes from a caller.
 */
export const matchesPattern = (text: string, pattern: string): boolean => {
  let at = 0
  let next = 0
  let star = -1
  let starAt = 0
  while (at < text.length) {
    const sign = pattern[next]
    const isEscaped = sign === '\\' && next + 1 < pattern.length
    if (sign === '*') {
      star = next++
      starAt = at
    } else if (sign !== undefined && (isEscaped ? pattern[next + 1] === text[at] : sign === '?' || sign === text[at])) {
      next += isEscaped ? 2 : 1
      at++
    } else if (star >= 0) {
      // The last star takes one more character and everything after it is tried again.
      next = star + 1
      at = ++starAt
    } else return false
  }
  while (pattern[next] === '*') next++
  return next === pattern.length
}

type Test<Item> = (item: Item) => boolean

const textsOf = <Item>(
  name: string,
  table: FilterTable<Item>,
  tagsOf: ((item: Item) => readonly Tag[]) | undefined,
): ((item: Item) => readonly (string | number | boolean | undefined)[]) => {
  if (tagsOf !== undefined && name.startsWith('tag:')) {
    const key = name.slice(4)
    return (item) =>
      tagsOf(item)
        .filter((tag) => tag.Key === key)
        .map((tag) => tag.Value ?? '')
  }
  if (tagsOf !== undefined && name === 'tag-key') return (item) => tagsOf(item).map((tag) => tag.Key)
  if (Object.hasOwn(table, name)) return table[name]!
  throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`)
}

const testOf = <Item>(
  filter: Filter,
  table: FilterTable<Item>,
  tagsOf?: (item: Item) => readonly Tag[],
): Test<Item> => {
  const texts = textsOf(filter.Name ?? 'null', table, tagsOf)
  const values = filter.Values ?? []
  return (item) =>
    texts(item).some((text) => text !== undefined && values.some((value) => matchesPattern(String(text), value)))
}

/** The items that every filter lets through. Refuses unknown names, also when there is nothing to filter. */
export const filtered = <Item>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<Item>,
  tagsOf?: (item: Item) => readonly Tag[],
): Item[] => {
  const count = (filters ?? []).reduce((sum, filter) => sum + (filter.Values?.length ?? 0), 0)
  if (count > VALUES_PER_CALL) {
    const limit = `The maximum number of filter values specified on a single call is ${VALUES_PER_CALL}`
    throw new AwsError('FilterLimitExceeded', limit)
  }
  const tests = (filters ?? []).map((filter) => testOf(filter, table, tagsOf))
  return items.filter((item) => tests.every((test) => test(item)))
}
