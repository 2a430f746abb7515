// How many events are kept, and how they are written.

/** A day. */
export const EVENTS_KEPT_SECONDS = 24 * 3600
/** Of the events' text; a task's life takes about 20 KiB. */
export const EVENTS_KEPT_BYTES = 256 * 1024 * 1024
export const EXPIRY_ROUND_SECONDS = 600
/** What happens within this time is written together, after the launch that it tells of. */
export const DELAY_SECONDS = 0.25
export const EVENTS_PER_WRITE = 500
/** More that is not written yet is let go, and the last states are told instead. */
export const WAITING_MOST = 50_000
/** The first wait after a fault; each further one is twice as long, give or take a quarter. */
export const BACKOFF = { firstSeconds: 0.5, longestSeconds: 60 } as const
