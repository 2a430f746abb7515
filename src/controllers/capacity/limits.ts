// How hard the capacity controller tries.

/** The first wait after a fault; each further one is twice as long, give or take a quarter. */
export const BACKOFF_FIRST_SECONDS = 0.1
export const BACKOFF_LONGEST_SECONDS = 30
