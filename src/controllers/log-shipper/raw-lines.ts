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
// "2026-01-01T00:00:00.000000000+00:00 stdout F text"
const SECONDS_LENGTH = 19
const FRACTION_AT = 20
const ZONE_AT = 29
const OUTPUT_AT = 35
const TAG_AT = OUTPUT_AT + ' stdout '.length
const TEXT_AT = TAG_AT + 2
const TAG_FULL = 'F'.charCodeAt(0)
const TAG_PARTIAL = 'P'.charCodeAt(0)

/**
 * The lines that end in these bytes, of which the first lies at `offset` in the file. Bytes behind the last newline are
 * left for the next time. A line that is not in the format is text of stdout at the time of the line before.
 */
export const rawLines = (bytes: Buffer, offset: number, clockNow: number): RawLine[] => {
  const lines: RawLine[] = []
  const region = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
  // One character per byte: what surrounds the text is ASCII, and most often all of it is. Decoding it all at once is
  // ten times as fast as line by line.
  const letters = region.toString('latin1')
  const isPlain = isAscii(region)
  const timeOf = timeReader(letters)
  let lastTime = clockNow
  for (let start = 0; start < letters.length;) {
    const end = letters.indexOf('\n', start)
    const place = { start: offset + start, end: offset + end + 1 }
    const output = outputOf(letters, start)
    const tag = letters.charCodeAt(start + TAG_AT)
    const isTagged = (tag === TAG_FULL || tag === TAG_PARTIAL) && start + TAG_AT < end
    const timestamp = output !== undefined && isTagged ? timeOf(start) : undefined
    if (output === undefined || timestamp === undefined) {
      const text = region.toString('utf8', start, end)
      lines.push({ output: 'stdout', isPartial: false, timestamp: lastTime, text, ...place })
    } else {
      const from = Math.min(start + TEXT_AT, end)
      const text = isPlain ? letters.slice(from, end) : Buffer.from(region.subarray(from, end))
      lines.push({ output, isPartial: tag === TAG_PARTIAL, timestamp, text, ...place })
      lastTime = timestamp
    }
    start = end + 1
  }
  return lines
}

const outputOf = (letters: string, start: number): Output | undefined =>
  letters.startsWith(' stdout ', start + OUTPUT_AT)
    ? 'stdout'
    : letters.startsWith(' stderr ', start + OUTPUT_AT)
      ? 'stderr'
      : undefined

/** Reads the time of the line that begins at a place. Most lines share their second with the one before. */
const timeReader = (letters: string): ((start: number) => number | undefined) => {
  let seconds = '?'
  let zone = '?'
  let known = 0
  return (start) => {
    if (!letters.startsWith(seconds, start) || !letters.startsWith(zone, start + ZONE_AT)) {
      const heads = letters.slice(start, start + SECONDS_LENGTH)
      const tails = letters.slice(start + ZONE_AT, start + OUTPUT_AT)
      const parsed = millisecondsOf(heads + tails)
      if (parsed === undefined) return undefined
      known = parsed
      seconds = heads
      zone = tails
    }
    let fraction = 0
    for (let at = start + FRACTION_AT; at < start + FRACTION_AT + 3; at++) {
      const digit = letters.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) return undefined
      fraction = fraction * 10 + digit
    }
    return known + fraction
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
