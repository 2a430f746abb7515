// IPv4 addresses and CIDR blocks as numbers. Pure.

import { Fault } from '#base/fault.ts'

export interface Block {
  /** The first address, as a number. */
  readonly base: number
  /** Length of the prefix, 0 to 32. */
  readonly length: number
}

const OCTET = /^(0|[1-9][0-9]{0,2})$/

/** undefined for anything but four plain decimal octets. */
export const parsedAddress = (text: string): number | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !OCTET.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Fault "invalid" for anything but an IPv4 address. */
export const address = (text: string): number => {
  const value = parsedAddress(text)
  if (value === undefined) throw new Fault('invalid', `${text} is no IPv4 address`)
  return value
}

export const dotted = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')

const size = (length: number): number => 2 ** (32 - length)

/** Fault "invalid" for anything but "a.b.c.d/n". Bits right of the prefix are cleared, as AWS does. */
export const block = (cidr: string): Block => {
  const [base, length, ...rest] = cidr.split('/')
  const prefix = length !== undefined && OCTET.test(length) ? Number(length) : -1
  if (base === undefined || rest.length > 0 || prefix < 0 || prefix > 32)
    throw new Fault('invalid', `${cidr} is no IPv4 CIDR block`)
  const value = address(base)
  return { base: value - (value % size(prefix)), length: prefix }
}

export const cidrOf = ({ base, length }: Block): string => `${dotted(base)}/${length}`

export const contains = (outer: Block, value: number): boolean =>
  value >= outer.base && value < outer.base + size(outer.length)

export const covers = (outer: Block, inner: Block): boolean =>
  outer.length <= inner.length && contains(outer, inner.base)

export const overlaps = (a: Block, b: Block): boolean => covers(a, b) || covers(b, a)

/** The same addresses with no block inside another: blocks either nest or are apart. */
export const merged = (blocks: readonly Block[]): Block[] => {
  const kept: Block[] = []
  for (const candidate of blocks.toSorted((a, b) => a.length - b.length || a.base - b.base)) {
    if (!kept.some((outer) => covers(outer, candidate))) kept.push(candidate)
  }
  return kept.toSorted((a, b) => a.base - b.base)
}
