// Chance is handed in, so that a run with a seed replays exactly.

import { randomBytes, randomUUID } from 'node:crypto'

export interface Random {
  /** A number in [0, 1). */
  fraction(): number
  /** That many lower-case hexadecimal digits. */
  hex(digits: number): string
  /** That many decimal digits; the first is not zero. */
  digits(count: number): string
  /** That many characters of A-Z, a-z, 0-9. */
  alphanumeric(count: number): string
  uuid(): string
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const secureFraction = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48

const drawn = (count: number, alphabet: string, fraction: () => number): string =>
  Array.from({ length: count }, () => alphabet[Math.floor(fraction() * alphabet.length)]).join('')

/** Unpredictable: fit for ids and keys. */
export const systemRandom: Random = {
  fraction: secureFraction,
  hex: (digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
  digits: (count) => drawn(1, '123456789', secureFraction) + drawn(count - 1, '0123456789', secureFraction),
  alphanumeric: (count) => drawn(count, ALPHANUMERIC, secureFraction),
  uuid: () => randomUUID(),
}

/** The same sequence for the same seed (mulberry32); for tests and simulations only. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const hex = (digits: number): string => drawn(digits, '0123456789abcdef', fraction)
  return {
    fraction,
    hex,
    digits: (count) => drawn(1, '123456789', fraction) + drawn(count - 1, '0123456789', fraction),
    alphanumeric: (count) => drawn(count, ALPHANUMERIC, fraction),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  }
}
