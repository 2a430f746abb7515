// The tokens and ids by which callers name a place among events: 56 digits, opaque, as AWS's are.

import type { Place } from '#telemetry/logs/log-store.ts'

const ID_DIGITS = 56
const TIMESTAMP_DIGITS = 15
const SEQUENCE_DIGITS = 16

const digitsOf = (place: Place): string =>
  '3' + String(place.timestamp).padStart(TIMESTAMP_DIGITS, '0') + String(place.sequence).padStart(SEQUENCE_DIGITS, '0')

const placeOf = (digits: string): Place => ({
  timestamp: Number(digits.slice(1, 1 + TIMESTAMP_DIGITS)),
  sequence: Number(digits.slice(1 + TIMESTAMP_DIGITS, 1 + TIMESTAMP_DIGITS + SEQUENCE_DIGITS)),
})

/** FNV-1a: spreads names over 32 bits; nothing secret about it. */
const spread = (text: string, seed: number): number => {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return hash
}

/** An event's id: unique in its log group, and sorted as the events are. */
export const eventId = (stream: string, place: Place): string => {
  const name = [0x811c9dc5, 0x01234567].map((seed) => String(spread(stream, seed)).padStart(12, '0')).join('')
  return (digitsOf(place) + name).slice(0, ID_DIGITS)
}

export interface PageToken {
  readonly direction: 'forward' | 'backward'
  readonly place: Place
}

/** "f/…/s" goes on after a place, "b/…/s" before it. */
export const pageToken = ({ direction, place }: PageToken): string =>
  `${direction === 'forward' ? 'f' : 'b'}/${digitsOf(place).padEnd(ID_DIGITS, '0')}/s`

/** Undefined when it is no token of ours. */
export const parsePageToken = (token: string): PageToken | undefined => {
  const [, letter, digits] = /^([fb])\/(3\d{55})\/s$/.exec(token) ?? []
  if (digits === undefined) return undefined
  return { direction: letter === 'f' ? 'forward' : 'backward', place: placeOf(digits) }
}

/** Any JSON value as an opaque token, for pages that are not about one stream. */
export const opaqueToken = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Undefined when it is no token of ours. */
export const parseOpaqueToken = (token: string): unknown => {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    return undefined
  }
}
