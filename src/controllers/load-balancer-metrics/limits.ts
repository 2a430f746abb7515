// How often load balancers are measured, and how much of it is kept.

export const ROUND_SECONDS = 1
/** Also what is nothing, or has not changed, is told that often. */
export const QUIET_SECONDS = 60
/** AWS keeps samples of less than a minute for three hours. */
export const KEPT_SECONDS = 3 * 3600
/** About 100 bytes each on disk. */
export const KEPT_SAMPLES = 5_000_000
export const EXPIRY_ROUND_SECONDS = 300
