// The log retention's limits.

/** Seconds between two rounds. Callers never see expired events, so this only decides when the disk gets room. */
export const ROUND_SECONDS = 3600
