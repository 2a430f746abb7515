// The order of events in a stream, by timestamp and then by ingestion, and what of it a read asks for.

import { EVENT_OVERHEAD_BYTES } from './limits.ts'
import type { LogEvent, Place, ReadOptions } from './log-store.ts'

export const comparePlaces = (a: Place, b: Place): number => a.timestamp - b.timestamp || a.sequence - b.sequence

/** As AWS counts: the message in UTF-8 and 26 bytes. */
export const sizeOf = (event: LogEvent): number => Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES

/** Whether a read wants the event at this place, its limit aside. */
export const isWanted = (place: Place, options: ReadOptions): boolean => {
  const { startTime, endTime, from, direction } = options
  if (startTime !== undefined && place.timestamp < startTime) return false
  if (endTime !== undefined && place.timestamp >= endTime) return false
  if (from === undefined) return true
  return direction === 'forward' ? comparePlaces(place, from) > 0 : comparePlaces(place, from) < 0
}

/** Of sorted events, those a read returns: the first or the last ones. */
export const limited = <T>(sorted: readonly T[], { limit, direction }: ReadOptions): T[] =>
  direction === 'forward' ? sorted.slice(0, limit) : sorted.slice(Math.max(0, sorted.length - limit))
