// What PutLogEvents takes of a batch, and why not the rest.

import type { InputLogEvent, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'
import type { Checked } from '#aws/operation.ts'
import { BATCH_LIMIT_BYTES, EVENT_OVERHEAD_BYTES, NEWEST_MS, OLDEST_MS, SPAN_LIMIT_MS } from './limits.ts'

type Events = readonly Checked<InputLogEvent>[]

/** As AWS counts: the message in UTF-8 and 26 bytes. */
export const eventBytes = (message: string): number => Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES

/** AWS's words about a batch that is refused as a whole; undefined when it is not. */
export const objectionTo = (events: Events): string | undefined => {
  const bytes = events.reduce((sum, event) => sum + eventBytes(event.message), 0)
  if (bytes > BATCH_LIMIT_BYTES) return `Upload too large: ${bytes} bytes exceeds limit of ${BATCH_LIMIT_BYTES}`
  if (events.some((event, at) => at > 0 && events[at - 1]!.timestamp > event.timestamp)) {
    return 'Log events in a single PutLogEvents request must be in chronological order.'
  }
  if (events.at(-1)!.timestamp - events[0]!.timestamp > SPAN_LIMIT_MS) {
    return 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.'
  }
  return undefined
}

export interface Sifted {
  readonly accepted: Events
  readonly rejected?: RejectedLogEventsInfo
}

/**
 * Single events that are too old, expired or too new are left out and the rest is taken. The events are in
 * chronological order, so each kind is one run: "…EndIndex" is exclusive, "…StartIndex" inclusive, as AWS says.
 */
export const sifted = (events: Events, now: number, expiryBorder: number | undefined): Sifted => {
  const firstFrom = (time: number): number => {
    const at = events.findIndex((event) => event.timestamp >= time)
    return at === -1 ? events.length : at
  }
  const tooOldEnd = firstFrom(now - OLDEST_MS)
  const expiredEnd = expiryBorder === undefined ? 0 : firstFrom(expiryBorder)
  const tooNewStart = firstFrom(now + NEWEST_MS + 1)
  const rejected: RejectedLogEventsInfo = {
    ...(tooNewStart < events.length ? { tooNewLogEventStartIndex: tooNewStart } : {}),
    ...(tooOldEnd > 0 ? { tooOldLogEventEndIndex: tooOldEnd } : {}),
    ...(expiredEnd > tooOldEnd ? { expiredLogEventEndIndex: expiredEnd } : {}),
  }
  const accepted = events.slice(Math.max(tooOldEnd, expiredEnd), tooNewStart)
  return Object.keys(rejected).length === 0 ? { accepted } : { accepted, rejected }
}
