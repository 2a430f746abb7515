// The events of several streams as one sequence: by time, then by stream, then in their own order.

import type { LogStore, Place, StoredEvent } from '#telemetry/logs/log-store.ts'
import { SCAN_HELD, SCAN_PAGE_LEAST, SCAN_PAGE_MOST } from './limits.ts'
import { streamId, type LogStreamRecord } from './log-stream.ts'

/** A place in that sequence. */
export type Mark = readonly [timestamp: number, stream: string, sequence: number]

export const isMark = (value: unknown): value is Mark =>
  Array.isArray(value) &&
  Number.isSafeInteger(value[0]) &&
  typeof value[1] === 'string' &&
  Number.isSafeInteger(value[2])

export interface Range {
  readonly startTime: number
  readonly endTime: number | undefined
}

interface Head {
  readonly stream: LogStreamRecord
  events: readonly StoredEvent[]
  at: number
}

/** Where one stream goes on after the mark: streams sort by name where times are equal. */
const placeIn = (stream: string, [timestamp, marked, sequence]: Mark): Place => {
  if (stream === marked) return { timestamp, sequence }
  return stream < marked ? { timestamp, sequence: Number.MAX_SAFE_INTEGER } : { timestamp, sequence: 0 }
}

/** Reads each stream page by page, as far as it is asked for. */
export async function* interleaved(
  logs: LogStore,
  streams: readonly LogStreamRecord[],
  range: Range,
  after: Mark | undefined,
): AsyncGenerator<{ readonly stream: LogStreamRecord; readonly event: StoredEvent }> {
  const size = Math.min(SCAN_PAGE_MOST, Math.max(SCAN_PAGE_LEAST, Math.floor(SCAN_HELD / (streams.length || 1))))
  const page = (stream: LogStreamRecord, from: Place | undefined): Promise<StoredEvent[]> =>
    logs.read(streamId(stream), {
      direction: 'forward',
      limit: size,
      startTime: range.startTime,
      ...(range.endTime === undefined ? {} : { endTime: range.endTime }),
      ...(from === undefined ? {} : { from }),
    })
  const heads: Head[] = []
  for (const stream of streams) {
    const events = await page(stream, after === undefined ? undefined : placeIn(stream.name, after))
    if (events.length > 0) heads.push({ stream, events, at: 0 })
  }
  while (heads.length > 0) {
    const first = earliest(heads)
    const event = first.events[first.at]!
    yield { stream: first.stream, event }
    first.at++
    if (first.at < first.events.length) continue
    first.events = first.events.length < size ? [] : await page(first.stream, event)
    first.at = 0
    if (first.events.length === 0) heads.splice(heads.indexOf(first), 1)
  }
}

const earliest = (heads: readonly Head[]): Head => {
  let best = heads[0]!
  for (const head of heads) {
    const [time, bestTime] = [head.events[head.at]!.timestamp, best.events[best.at]!.timestamp]
    if (time < bestTime || (time === bestTime && head.stream.name < best.stream.name)) best = head
  }
  return best
}
