// Reads conmon's k8s-file format: "<time> <stdout|stderr> <F|P> <text>", where P means that the line goes on.

import { isAscii } from 'node:buffer'

export type Output = 'stdout' | 'stderr'

export interface RawLine {
  readonly output: Output
  /** The line goes on in the next one of this output. */
  readonly isPartial: boolean
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** Text where it is known to be whole, bytes where a character may be cut in two. */
  readonly text: string | Buffer
  /** Byte offsets in the file: where it begins, and where the next begins. */
  readonly start: number
  readonly end: number
}

const NEWLINE = 0x0a
const SPACE = 0x20
// "2026-01-01T00:00:00.000000000+00:00"
const TIME_LENGTH = 35
const SECONDS_LENGTH = 19
const FRACTION_AT = 20
const ZONE_AT = 29
const TAG_AT = TIME_LENGTH + 1 + 'stdout'.length + 1
const TEXT_AT = TAG_AT + 2

/**
 * The lines that end in these bytes, of which the first lies at `offset` in the file. Bytes behind the last newline are
 * left for the next time. A line that is not in the format is text of stdout at the time of the line before.
 */
export const rawLines = (bytes: Buffer, offset: number, clockNow: number): RawLine[] => {
  const lines: RawLine[] = []
  const timeOf = timeReader(clockNow)
  const region = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
  // Plain ASCII is by far the most common, and one decoding of it all is ten times as fast as one per line.
  const ascii = isAscii(region) ? region.toString('latin1') : undefined
  for (let start = 0; start < region.length;) {
    const end = region.indexOf(NEWLINE, start)
    lines.push(lineOf(region, start, end, offset, timeOf, ascii))
    start = end + 1
  }
  return lines
}

const lineOf = (
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
  timeOf: (head: string) => number | undefined,
  ascii: string | undefined,
): RawLine => {
  const place = { start: offset + start, end: offset + end + 1 }
  const head = bytes.toString('latin1', start, Math.min(end, start + TEXT_AT))
  const tag = head[TAG_AT]
  const output = head.slice(TIME_LENGTH + 1, TAG_AT - 1)
  const isFormatted =
    (output === 'stdout' || output === 'stderr') &&
    (tag === 'F' || tag === 'P') &&
    (bytes[start + TEXT_AT - 1] === SPACE || start + TEXT_AT - 1 === end)
  const timestamp = timeOf(isFormatted ? head : '')
  if (!isFormatted || timestamp === undefined) {
    const text = bytes.toString('utf8', start, end)
    return { output: 'stdout', isPartial: false, timestamp: timeOf('') ?? 0, text, ...place }
  }
  const from = Math.min(start + TEXT_AT, end)
  const isPartial = tag === 'P'
  const text = ascii?.slice(from, end) ?? Buffer.from(bytes.subarray(from, end))
  return { output, isPartial, timestamp, text, ...place }
}

/** Reads the time at the head of a line; an empty head asks for the last one again. Most lines share their second. */
const timeReader = (clockNow: number): ((head: string) => number | undefined) => {
  let known = ''
  let second = 0
  let last = clockNow
  return (head) => {
    if (head === '') return last
    const key = head.slice(0, SECONDS_LENGTH) + head.slice(ZONE_AT, TIME_LENGTH)
    if (key !== known) {
      const parsed = millisecondsOf(key)
      if (parsed === undefined) return undefined
      second = parsed
      known = key
    }
    const fraction = Number(head.slice(FRACTION_AT, FRACTION_AT + 3))
    if (Number.isNaN(fraction)) return undefined
    last = second + fraction
    return last
  }
}

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

/** "2026-01-01T00:00:00+00:00" as milliseconds since 1970. */
const millisecondsOf = (time: string): number | undefined => {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)$/.exec(time)
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number)
  const offset = (Number(parts[8]) * 60 + Number(parts[9])) * (parts[7] === '-' ? -1 : 1)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const leapDays = Math.floor((year - 1) / 4) - Math.floor((year - 1) / 100) + Math.floor((year - 1) / 400) - 477
  const before = DAYS_BEFORE_MONTH[month - 1]
  if (before === undefined) return undefined
  const days = (year - 1970) * 365 + leapDays + before + (isLeap && month > 2 ? 1 : 0) + day - 1
  return ((days * 24 + hour) * 3600 + (minute - offset) * 60 + second) * 1000
}
