// Addresses of both families as ranges of whole numbers: what is inside of what, and which route is the longest. Pure.

import { Fault } from '#base/fault.ts'
import { dotted, parsedAddress } from './ipv4.ts'

export type Family = 'ip' | 'ip6'

export interface Range {
  readonly family: Family
  readonly first: bigint
  /** Inclusive. */
  readonly last: bigint
}

const GROUP = /^[0-9a-f]{1,4}$/i
const BITS: Readonly<Record<Family, number>> = { ip: 32, ip6: 128 }

export const familyOf = (text: string): Family => (text.includes(':') ? 'ip6' : 'ip')

const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))

/** undefined for anything but an IPv6 address of hexadecimal groups. */
const parsedIpv6 = (text: string): bigint | undefined => {
  const [left = '', right, ...rest] = text.split('::')
  if (rest.length > 0) return undefined
  const [head, tail] = [groups(left), groups(right ?? '')]
  const zeros = 8 - head.length - tail.length
  if (right === undefined ? zeros !== 0 : zeros < 1) return undefined
  const all = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail]
  if (!all.every((group) => GROUP.test(group))) return undefined
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}

/** Fault "invalid" for anything but one address of either family. */
export const addressValue = (text: string): bigint => {
  const ipv4 = familyOf(text) === 'ip' ? parsedAddress(text) : undefined
  const value = ipv4 === undefined ? parsedIpv6(text) : BigInt(ipv4)
  if (value === undefined) throw new Fault('invalid', `${text} is no address`)
  return value
}

/** Fault "invalid" for anything but a block of either family. Bits right of the prefix are cleared, as AWS does. */
export const rangeOf = (cidr: string): Range => {
  const [base = '', length = '', ...rest] = cidr.split('/')
  const family = familyOf(base)
  const bits = BITS[family]
  if (rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > bits)
    throw new Fault('invalid', `${cidr} is no CIDR block`)
  const size = 1n << BigInt(bits - Number(length))
  const value = addressValue(base)
  const first = value - (value % size)
  return { family, first, last: first + size - 1n }
}

export const holds = (outer: Range, inner: Range): boolean =>
  outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last

export const holdsAddress = (outer: Range, text: string): boolean => {
  const value = addressValue(text)
  return holds(outer, { family: familyOf(text), first: value, last: value })
}

/** All eight groups, so that there is one way to write an address. */
export const addressText = (family: Family, value: bigint): string =>
  family === 'ip'
    ? dotted(Number(value))
    : Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16)).join(':')

/** As nftables writes it. */
export const rangeText = ({ family, first, last }: Range): string =>
  first === last ? addressText(family, first) : `${addressText(family, first)}-${addressText(family, last)}`

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** None overlaps another: where blocks nest, the innermost has its say. Those side by side of equal value are one. */
export const flattened = <T>(
  routes: readonly { readonly range: Range; readonly value: T }[],
): { readonly range: Range; readonly value: T }[] => {
  const edges = [...new Set(routes.flatMap(({ range }) => [range.first, range.last + 1n]))].toSorted(order)
  const size = ({ first, last }: Range): bigint => last - first
  // Sorting keeps the order of equals: the first of two that are the same has its say.
  const innermost = routes.toSorted((a, b) => order(size(a.range), size(b.range)))
  const found: { range: Range; value: T }[] = []
  edges.slice(0, -1).forEach((first, at) => {
    const piece = { first, last: (edges[at + 1] ?? first) - 1n }
    const best = innermost.find(({ range }) => range.first <= piece.first && piece.last <= range.last)
    if (best === undefined) return
    const before = found.at(-1)
    if (before !== undefined && before.value === best.value && before.range.last + 1n === first)
      found[found.length - 1] = { range: { ...before.range, last: piece.last }, value: best.value }
    else found.push({ range: { family: best.range.family, ...piece }, value: best.value })
  })
  return found
}
