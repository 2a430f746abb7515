// Numbers, booleans, bytes and times as the text of forms, XML, headers and query strings.

import { wrongType } from './decode-problem.ts'
import { instant, instantFromText, isDate, isValid } from './instant.ts'
import { INTEGER_DIGITS } from './limits.ts'
import type { TimestampFormat } from './model.ts'
import type { Member, Shape } from './shape.ts'

const INTEGER_LEAST: Readonly<Record<string, number>> = {
  byte: -128,
  short: -32_768,
  integer: -2_147_483_648,
  // Beyond 2^53 a number is no longer exact; AWS's longs never get there.
  long: -(2 ** 63),
}

/** Whether a number may stand for that numeric type. */
export const fitsNumber = (type: Shape['type'], value: number): boolean => {
  const least = INTEGER_LEAST[type]
  return least === undefined || (Number.isInteger(value) && value >= least && value <= -1 - least)
}

const SPECIAL: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity }

/** Not-a-number and the infinities are words in JSON and text protocols. */
export const specialNumber = (text: string): number | undefined =>
  Object.hasOwn(SPECIAL, text) ? SPECIAL[text] : undefined

const numberFromText = (type: Shape['type'], text: string, path: string): number => {
  const value = type in INTEGER_LEAST ? integerFromText(text) : (specialNumber(text) ?? decimalFromText(text))
  if (value === undefined || !fitsNumber(type, value)) {
    throw wrongType(
      `STRING_VALUE can not be converted to ${type === 'integer' ? 'an Integer' : `a ${titled(type)}`}`,
      path,
    )
  }
  return value
}

const titled = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1)

// Number() alone would also take "0x10", "1e3" and "".
const integerFromText = (text: string): number | undefined =>
  text.length <= INTEGER_DIGITS && /^[-+]?\d+$/.test(text) ? Number(text) : undefined
const decimalFromText = (text: string): number | undefined =>
  /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined

const DATE_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?$/

/** Takes every form that clients send, whatever the model says: ISO 8601, RFC 7231, or seconds since 1970. */
export const timestampFromText = (text: string, path: string): Date => {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return timestampFromSeconds(Number(text), path)
  // Without an offset AWS means UTC; the built-in parser would take the machine's own time.
  const withZone = /T[^Z+-]+$/.test(text) ? `${text}Z` : text
  const date = DATE_TIME.test(text) || /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? instantFromText(withZone) : undefined
  if (date === undefined || !isValid(date)) throw wrongType('STRING_VALUE is not a timestamp', path)
  return date
}

export const timestampFromSeconds = (seconds: number, path: string): Date => {
  const date = instant(Math.round(seconds * 1000))
  if (!isValid(date)) throw wrongType('NUMBER_VALUE is not a timestamp', path)
  return date
}

/** Throws (a bug of the operation) when the value is no date. */
export const timestampToText = (value: unknown, format: TimestampFormat): string => {
  if (!isDate(value)) throw new Error(`a timestamp was expected in the output, not ${typeof value}`)
  if (format === 'http-date') return value.toUTCString()
  if (format === 'epoch-seconds') return String(value.getTime() / 1000)
  return value.toISOString().replace('.000Z', 'Z')
}

/** Reads the text form of a simple type. */
export const scalarFromText = (shape: Shape, text: string, path: string): unknown => {
  switch (shape.type) {
    case 'string':
      return text
    case 'boolean': {
      const lower = text.toLowerCase()
      if (lower !== 'true' && lower !== 'false') throw wrongType('STRING_VALUE can not be converted to a Boolean', path)
      return lower === 'true'
    }
    case 'timestamp':
      return timestampFromText(text, path)
    case 'blob':
      return blobFromText(text, path)
    case 'structure':
    case 'union':
    case 'list':
    case 'map':
    case 'document':
      throw wrongType(`A ${shape.type} was expected`, path)
    default:
      return numberFromText(shape.type, text, path)
  }
}

const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

export const blobFromText = (text: string, path: string): Uint8Array => {
  if (!BASE64.test(text)) throw wrongType('STRING_VALUE is not valid Base64', path)
  return Buffer.from(text, 'base64')
}

/** Writes the text form of a simple type. */
export const scalarToText = (member: Member, value: unknown, format: TimestampFormat = 'date-time'): string => {
  if (member.shape.type === 'timestamp') return timestampToText(value, member.timestampFormat ?? format)
  if (member.shape.type === 'blob') return base64(value)
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  throw new Error(`a ${member.shape.type} was expected in the output at ${member.name}, not ${typeof value}`)
}

export const base64 = (value: unknown): string => {
  if (!(value instanceof Uint8Array)) throw new Error(`bytes were expected in the output, not ${typeof value}`)
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}
