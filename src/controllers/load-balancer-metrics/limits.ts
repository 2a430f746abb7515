// How often load balancers are measured, and how much of it is kept.

export const ROUND_SECONDS = 1
/** Also what is nothing, or has not changed, is told that often. */
export const QUIET_SECONDS = 60
/** AWS keeps samples of less than a minute for three hours. */
export const KEPT_SECONDS = 3 * 3600
/** About 100 bytes each on disk. */
export const KEPT_SAMPLES = 5_000_000
export const EXPIRY_ROUND_SECONDS = 300
/** Requests of one load balancer that are read each second; of more, these are taken for what all are like. */
export const READ_MOST = 2000
/** The same when it is asked for those that it remembers. */
export const RECENT_MOST = 50_000
/** The wait before a load balancer that ended is asked again, and at most after too many requests. */
export const FOLLOW_AGAIN_SECONDS = 0.2
export const PAUSE_SECONDS = 2
