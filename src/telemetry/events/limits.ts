// The event store's limits.

/** Rows that one statement deletes: the thread answers others in between. */
export const EVENTS_PER_SWEEP = 2000
