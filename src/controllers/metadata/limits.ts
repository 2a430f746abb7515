// How hard the metadata controller tries.

/** The first wait after a fault; each further one is twice as long, give or take a quarter. */
export const BACKOFF = { firstSeconds: 0.1, longestSeconds: 10 } as const
