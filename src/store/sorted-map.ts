// An immutable map sorted by key (a B+ tree that copies its path): a snapshot is a reference, undoing is forgetting.

import { NODE_ENTRIES } from './limits.ts'

interface Leaf<V> {
  readonly keys: readonly string[]
  readonly values: readonly V[]
  readonly size: number
}

interface Branch<V> {
  /** The first key below each child. */
  readonly keys: readonly string[]
  readonly children: readonly Node<V>[]
  readonly size: number
}

type Node<V> = Leaf<V> | Branch<V>

export type SortedMap<V> = Node<V>

const isBranch = <V>(node: Node<V>): node is Branch<V> => 'children' in node

const leaf = <V>(keys: readonly string[], values: readonly V[]): Leaf<V> => ({ keys, values, size: keys.length })

const branch = <V>(children: readonly Node<V>[]): Branch<V> => ({
  keys: children.map((child) => child.keys[0]!),
  children,
  size: children.reduce((sum, child) => sum + child.size, 0),
})

const EMPTY: Leaf<never> = leaf<never>([], [])

export const emptyMap = <V>(): SortedMap<V> => EMPTY

/** How many of `keys` come before `key`. */
const countBelow = (keys: readonly string[], key: string): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The child under which `key` is or would be. */
const childFor = <V>(node: Branch<V>, key: string): number => {
  const at = countBelow(node.keys, key)
  return node.keys[at] === key ? at : Math.max(0, at - 1)
}

export const valueAt = <V>(map: SortedMap<V>, key: string): V | undefined => {
  let node = map
  while (isBranch(node)) node = node.children[childFor(node, key)]!
  const at = countBelow(node.keys, key)
  return node.keys[at] === key ? node.values[at] : undefined
}

const replaced = <T>(items: readonly T[], at: number, remove: number, ...insert: readonly T[]): T[] =>
  items.toSpliced(at, remove, ...insert)

const halves = <V>(node: Node<V>): readonly Node<V>[] => {
  const width = node.keys.length
  if (width <= NODE_ENTRIES) return [node]
  const middle = width >>> 1
  return isBranch(node)
    ? [branch(node.children.slice(0, middle)), branch(node.children.slice(middle))]
    : [
        leaf(node.keys.slice(0, middle), node.values.slice(0, middle)),
        leaf(node.keys.slice(middle), node.values.slice(middle)),
      ]
}

const inserted = <V>(node: Node<V>, key: string, value: V): readonly Node<V>[] => {
  if (isBranch(node)) {
    const at = childFor(node, key)
    return halves(branch(replaced(node.children, at, 1, ...inserted(node.children[at]!, key, value))))
  }
  const at = countBelow(node.keys, key)
  if (node.keys[at] === key) return [leaf(node.keys, node.values.with(at, value))]
  return halves(leaf(replaced(node.keys, at, 0, key), replaced(node.values, at, 0, value)))
}

export const withEntry = <V>(map: SortedMap<V>, key: string, value: V): SortedMap<V> => {
  const nodes = inserted(map, key, value)
  return nodes.length === 1 ? nodes[0]! : branch(nodes)
}

/** Undefined when nothing is left. Nodes are not merged: a table that shrinks is rebuilt at the next start. */
const removed = <V>(node: Node<V>, key: string): Node<V> | undefined => {
  if (isBranch(node)) {
    const at = childFor(node, key)
    const child = node.children[at]!
    const rest = removed(child, key)
    if (rest === child) return node
    const children = rest === undefined ? replaced(node.children, at, 1) : node.children.with(at, rest)
    return children.length === 0 ? undefined : children.length === 1 ? children[0]! : branch(children)
  }
  const at = countBelow(node.keys, key)
  if (node.keys[at] !== key) return node
  if (node.keys.length === 1) return undefined
  return leaf(replaced(node.keys, at, 1), replaced(node.values, at, 1))
}

export const withoutEntry = <V>(map: SortedMap<V>, key: string): SortedMap<V> => removed(map, key) ?? EMPTY

/** Builds from entries that are sorted and without doubles; much faster than inserting one by one. */
export const mapOfSorted = <V>(keys: readonly string[], values: readonly V[]): SortedMap<V> => {
  const width = NODE_ENTRIES / 2
  let level: Node<V>[] = []
  for (let at = 0; at < keys.length; at += width)
    level.push(leaf(keys.slice(at, at + width), values.slice(at, at + width)))
  while (level.length > 1) {
    const above: Node<V>[] = []
    for (let at = 0; at < level.length; at += width) above.push(branch(level.slice(at, at + width)))
    level = above
  }
  return level[0] ?? EMPTY
}

export interface Range {
  /** Keys from here on, itself included. */
  readonly from: string
  /** Keys before here; undefined = to the end. */
  readonly to: string | undefined
}

/** Every key that starts with `prefix` and, if given, comes after `after`. */
export const rangeOf = (prefix = '', after?: string): Range => {
  const from = after === undefined || after < prefix ? prefix : `${after}\u0000`
  // The first string behind all that start with the prefix: its last code unit that can grow, grown.
  let end = prefix.length
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xffff) end--
  const to = end === 0 ? undefined : prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1)
  return { from, to }
}

const rank = <V>(map: SortedMap<V>, key: string): number => {
  let before = 0
  let node = map
  while (isBranch(node)) {
    const at = childFor(node, key)
    for (let child = 0; child < at; child++) before += node.children[child]!.size
    node = node.children[at]!
  }
  return before + countBelow(node.keys, key)
}

export const countIn = <V>(map: SortedMap<V>, range: Range): number =>
  Math.max(0, (range.to === undefined ? map.size : rank(map, range.to)) - rank(map, range.from))

/** Entries of the range in order, at most `limit`. */
export const entriesIn = <V>(map: SortedMap<V>, range: Range, limit = Infinity): (readonly [string, V])[] => {
  const found: (readonly [string, V])[] = []
  const walk = (node: Node<V>): boolean => {
    if (isBranch(node)) {
      for (let at = childFor(node, range.from); at < node.children.length; at++) {
        if (!walk(node.children[at]!)) return false
      }
      return true
    }
    for (let at = countBelow(node.keys, range.from); at < node.keys.length; at++) {
      const key = node.keys[at]!
      if (found.length >= limit || (range.to !== undefined && key >= range.to)) return false
      found.push([key, node.values[at]!])
    }
    return true
  }
  walk(map)
  return found
}
