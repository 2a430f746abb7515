// Address arithmetic for IPv4 and IPv6 blocks. Everything here is fed by callers, so nothing throws on bad text.

/** An address block; `base` has no host bits. */
export interface Cidr {
  readonly family: 4 | 6
  readonly base: bigint
  readonly prefix: number
}

const BITS = { 4: 32, 6: 128 } as const
/** The longest text of an address block: eight groups of four digits, seven colons, "/128". */
const MAX_TEXT = 43

const ipv4Value = (text: string): bigint | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // A leading zero would be octal to some readers and decimal to others.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = value * 256n + BigInt(part)
  }
  return value
}

/** `isEnd`: the last group of an address may be two groups in IPv4's dotted form. */
const groupsOf = (text: string, isEnd: boolean): number[] | undefined => {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const embedded = isEnd && index === parts.length - 1 && part.includes('.') ? ipv4Value(part) : undefined
    if (embedded !== undefined) groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn))
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

const ipv6Value = (text: string): bigint | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = halves.length === 1 ? head : [...head, ...Array<number>(missing).fill(0), ...(tail ?? [])]
  return groups.reduce((value, group) => value * 65536n + BigInt(group), 0n)
}

/** One address, of either family. */
export const parseAddress = (text: string): { readonly family: 4 | 6; readonly value: bigint } | undefined => {
  if (text.length > MAX_TEXT) return undefined
  const family = text.includes(':') ? 6 : 4
  const value = family === 6 ? ipv6Value(text) : ipv4Value(text)
  return value === undefined ? undefined : { family, value }
}

const ipv4Text = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups left out. */
const ipv6Text = (value: bigint): string => {
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - index * 16)) & 0xffffn))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.start < 0) return hex.join(':')
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`
}

export const addressText = (family: 4 | 6, value: bigint): string => (family === 4 ? ipv4Text(value) : ipv6Text(value))

const sizeOf = (family: 4 | 6, prefix: number): bigint => 1n << BigInt(BITS[family] - prefix)

/** Host bits are cut off, as EC2 does ("100.68.0.18/18" is read as "100.68.0.0/18"). */
export const parseCidr = (text: string): Cidr | undefined => {
  if (text.length > MAX_TEXT) return undefined
  const [addressPart, prefixPart, ...rest] = text.split('/')
  if (rest.length > 0 || prefixPart === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(prefixPart)) return undefined
  const address = parseAddress(addressPart ?? '')
  const prefix = Number(prefixPart)
  if (address === undefined || prefix > BITS[address.family]) return undefined
  return { family: address.family, base: address.value - (address.value % sizeOf(address.family, prefix)), prefix }
}

export const cidrText = (cidr: Cidr): string => `${addressText(cidr.family, cidr.base)}/${cidr.prefix}`

/** How many addresses the block has. */
export const sizeOfCidr = (cidr: Cidr): bigint => sizeOf(cidr.family, cidr.prefix)

export const cidrContains = (outer: Cidr, inner: Cidr): boolean =>
  outer.family === inner.family &&
  outer.prefix <= inner.prefix &&
  inner.base - (inner.base % sizeOfCidr(outer)) === outer.base

export const cidrsOverlap = (a: Cidr, b: Cidr): boolean => cidrContains(a, b) || cidrContains(b, a)

/** The address `offset` addresses above the base. */
export const addressAt = (cidr: Cidr, offset: bigint): string => addressText(cidr.family, cidr.base + offset)

/** For a block that was checked when it was recorded; throws (a bug) otherwise. */
export const knownCidr = (text: string): Cidr => {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new Error(`a recorded address block is malformed: ${JSON.stringify(text)}`)
  return cidr
}
