// The metric store's limits.

/** Rows that one statement deletes: the thread answers others in between. */
export const SAMPLES_PER_SWEEP = 5000
