// Which streams have events to lose, and up to when.

import { expiryBorder, type LogGroupRecord } from '#apis/logs/model/log-group.ts'
import { streamId, type LogStreamRecord } from '#apis/logs/model/log-stream.ts'
import type { StreamId } from '#telemetry/logs/log-store.ts'

export interface Expiry {
  readonly stream: StreamId
  /** Milliseconds since 1970; what is older goes. */
  readonly before: number
}

export const plan = (group: LogGroupRecord, streams: readonly LogStreamRecord[], now: number): Expiry[] => {
  const before = expiryBorder(group, now)
  return before === undefined ? [] : streams.map((stream) => ({ stream: streamId(stream), before }))
}
