// Makes events of raw lines: joins what conmon cut, gathers multi-line events, and knows from where to read again.

import type { LogEvent } from '#telemetry/logs/log-store.ts'
import { EVENT_LIMIT_BYTES, MULTILINE_SECONDS, PARTIAL_LINE_SECONDS } from './limits.ts'
import type { Beginning } from './multiline.ts'
import type { Output, RawLine } from './raw-lines.ts'

/** From which byte on each output must be read again, were we to forget everything now. */
export type Marks = Readonly<Record<Output, number>>

/** A line under way. */
interface Partial {
  parts: RawLine[]
  bytes: number
  /** Milliseconds; when the last part was seen. */
  seenAt: number
}

/** An event of several lines under way; both outputs go into it as they come, as in the awslogs driver. */
interface Gathering {
  message: string
  bytes: number
  readonly timestamp: number
  readonly starts: Starts
  seenAt: number
}

type Starts = { stdout?: number; stderr?: number }

export class Assembler {
  readonly #begins: Beginning | 'none'
  /** Lines before these were stored by an earlier life. */
  readonly #stored: Marks
  readonly #partials: { stdout?: Partial; stderr?: Partial } = {}
  #gathering: Gathering | undefined
  #events: LogEvent[] = []
  #end: number

  constructor(begins: Beginning | 'none', stored: Marks) {
    this.#begins = begins
    this.#stored = stored
    this.#end = Math.min(stored.stdout, stored.stderr)
  }

  /** The byte behind the last line taken. */
  get end(): number {
    return this.#end
  }

  /** Whether something waits for its rest. */
  get isWaiting(): boolean {
    return this.#gathering !== undefined || this.#partials.stdout !== undefined || this.#partials.stderr !== undefined
  }

  get marks(): Marks {
    const mark = (output: Output): number =>
      Math.max(
        this.#stored[output],
        Math.min(
          this.#end,
          this.#partials[output]?.parts[0]?.start ?? Infinity,
          this.#gathering?.starts[output] ?? Infinity,
        ),
      )
    return { stdout: mark('stdout'), stderr: mark('stderr') }
  }

  take(lines: readonly RawLine[], now: number): void {
    for (const line of lines) {
      this.#end = line.end
      if (line.start >= this.#stored[line.output]) this.#takeOne(line, now)
    }
  }

  /** Lets go of what has waited long enough; all of it at the end of a finished file. */
  release(now: number, all: boolean): void {
    for (const output of ['stdout', 'stderr'] as const) {
      const partial = this.#partials[output]
      if (partial !== undefined && (all || now - partial.seenAt >= PARTIAL_LINE_SECONDS * 1000))
        this.#endLine(output, now)
    }
    const gathering = this.#gathering
    if (gathering !== undefined && (all || now - gathering.seenAt >= MULTILINE_SECONDS * 1000)) this.#endGathering()
  }

  /** The events finished since the last call. */
  taken(): readonly LogEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  #takeOne(line: RawLine, now: number): void {
    const partial = this.#partials[line.output]
    if (partial === undefined && !line.isPartial) {
      this.#line(
        typeof line.text === 'string' ? line.text : line.text.toString(),
        line.timestamp,
        line.output,
        line.start,
        now,
      )
      return
    }
    if (partial === undefined) this.#partials[line.output] = { parts: [line], bytes: line.text.length, seenAt: now }
    else {
      // A line longer than an event becomes several, cut where conmon cut it.
      if (partial.bytes + line.text.length > EVENT_LIMIT_BYTES) this.#cut(line.output, now)
      const open = (this.#partials[line.output] ??= { parts: [], bytes: 0, seenAt: now })
      open.parts.push(line)
      open.bytes += line.text.length
      open.seenAt = now
    }
    if (!line.isPartial) this.#endLine(line.output, now)
  }

  /** Ends an event in the middle of a line, but not in the middle of a character. */
  #cut(output: Output, now: number): void {
    const { parts } = this.#partials[output]!
    const last = parts.at(-1)!
    const isCutClean = parts.length === 1 || endsClean(bytesOf(last))
    const kept = isCutClean ? [] : [last]
    this.#partials[output]!.parts = isCutClean ? parts : parts.slice(0, -1)
    this.#endLine(output, now)
    if (kept.length > 0) this.#partials[output] = { parts: kept, bytes: last.text.length, seenAt: now }
  }

  #endLine(output: Output, now: number): void {
    const { parts } = this.#partials[output]!
    delete this.#partials[output]
    const text = Buffer.concat(parts.map(bytesOf)).toString()
    // The time at which the line was complete: events then follow one another as they are stored.
    this.#line(text, parts.at(-1)!.timestamp, output, parts[0]!.start, now)
  }

  #line(text: string, timestamp: number, output: Output, start: number, now: number): void {
    if (this.#begins === 'none') {
      // AWS takes no event without a message.
      if (text !== '') this.#events.push({ timestamp, message: text })
      return
    }
    const bytes = Buffer.byteLength(text) + 1
    if (this.#gathering === undefined || this.#begins(text) || this.#gathering.bytes + bytes > EVENT_LIMIT_BYTES) {
      this.#endGathering()
      this.#gathering = { message: '', bytes: 0, timestamp, starts: {}, seenAt: now }
    }
    this.#gathering.message += `${text}\n`
    this.#gathering.bytes += bytes
    this.#gathering.starts[output] ??= start
    this.#gathering.seenAt = now
  }

  #endGathering(): void {
    if (this.#gathering === undefined) return
    const { timestamp, message } = this.#gathering
    this.#gathering = undefined
    this.#events.push({ timestamp, message })
  }
}

const bytesOf = (line: RawLine): Buffer => (typeof line.text === 'string' ? Buffer.from(line.text) : line.text)

/** Whether the bytes do not end inside a UTF-8 character. */
const endsClean = (bytes: Buffer): boolean => {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return true
    if (byte >= 0xc0) return back >= (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)
  }
  return true
}
