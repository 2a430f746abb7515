// A page of GetLogEvents: which events fit, and the tokens that lead on from it in both directions.

import type { Place, StoredEvent } from '#telemetry/logs/log-store.ts'
import { eventBytes } from './batch.ts'
import { BATCH_LIMIT_BYTES } from './limits.ts'
import { pageToken, type PageToken } from './token.ts'

/** As many as fit on a page, from the end at which the reading began; always one, so that reading goes on. */
export const fitting = (events: readonly StoredEvent[], direction: PageToken['direction']): readonly StoredEvent[] => {
  const ordered = direction === 'forward' ? events : events.toReversed()
  let bytes = 0
  const end = ordered.findIndex((event, at) => {
    bytes += eventBytes(event.message)
    return bytes > BATCH_LIMIT_BYTES && at > 0
  })
  const kept = end === -1 ? ordered : ordered.slice(0, end)
  return direction === 'forward' ? kept : kept.toReversed()
}

const shifted = (place: Place, by: number): Place => ({ ...place, sequence: Math.max(0, place.sequence + by) })

export interface PageTokens {
  readonly nextForwardToken: string
  readonly nextBackwardToken: string
}

/**
 * A forward token means "after this event", a backward one "before this event". At an end there is no event to name:
 * the token that led there comes again (that is how AWS's callers notice), and its counterpart leads back.
 */
export const tokensOf = (events: readonly StoredEvent[], came: PageToken | undefined): PageTokens => {
  const [first, last] = [events[0], events.at(-1)]
  const start: Place = { timestamp: 0, sequence: 0 }
  const forward =
    last ?? (came === undefined ? start : came.direction === 'forward' ? came.place : shifted(came.place, -1))
  const backward =
    first ?? (came === undefined ? start : came.direction === 'backward' ? came.place : shifted(came.place, 1))
  return {
    nextForwardToken: pageToken({ direction: 'forward', place: forward }),
    nextBackwardToken: pageToken({ direction: 'backward', place: backward }),
  }
}
