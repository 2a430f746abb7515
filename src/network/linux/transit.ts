// Chooses the two addresses between the host and a router so that instances of Neargate do not collide. Pure.

import { createHash } from 'node:crypto'
import { Fault } from '#base/fault.ts'
import { address as parsed, block, contains, dotted, parsedAddress } from '../ipv4.ts'

/** Link-local, so that nothing beyond the host can ever be meant by it. */
export const TRANSIT_POOL = '169.254.64.0/18'
const POOL = block(TRANSIT_POOL)
const PAIRS = 2 ** (32 - POOL.length - 1)

/** Unique local, and the same on every machine: it is never routed. Its last 32 bits are those of the IPv4 transit. */
export const IPV6_TRANSIT_POOL = 'fd6e:6761:7465::a9fe:4000/114'

export interface Transit {
  /** The host's address; the other one is the router's. */
  readonly host: string
  readonly router: string
}

const pairOf = (address: string): number | undefined => {
  const value = parsedAddress(address)
  return value === undefined || !contains(POOL, value) ? undefined : Math.floor((value - POOL.base) / 2)
}

/** The pair that an address of it belongs to; undefined for one out of another range. */
export const transitOf = (address: string): Transit | undefined => {
  const pair = pairOf(address)
  return pair === undefined
    ? undefined
    : { host: dotted(POOL.base + 2 * pair), router: dotted(POOL.base + 2 * pair + 1) }
}

/** The IPv6 address that goes with one of the IPv4 ones. Fault "invalid" for what is no address. */
export const ipv6Transit = (address: string): string => {
  const hex = parsed(address).toString(16).padStart(8, '0')
  return `fd6e:6761:7465::${hex.slice(0, 4)}:${hex.slice(4)}`
}

/** A free pair: the same one for the same seed, unless `taken` has it. Fault "no-space" when all are taken. */
export const chosenTransit = (seed: string, taken: readonly string[]): Transit => {
  const used = new Set(taken.map(pairOf))
  const start = createHash('sha256').update(seed).digest().readUInt16BE()
  for (let step = 0; step < PAIRS; step++) {
    const pair = (start + step) % PAIRS
    if (!used.has(pair)) return { host: dotted(POOL.base + 2 * pair), router: dotted(POOL.base + 2 * pair + 1) }
  }
  throw new Fault('no-space', 'all transit addresses are taken')
}
