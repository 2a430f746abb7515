// How access logs are kept.

/** AWS publishes a file every five minutes. */
export const PERIOD_SECONDS = 300
export const FLUSH_SECONDS = 1
/** A period's file that is longer is published before its time, as AWS does where there is much traffic. */
export const FILE_BYTES = 16 * 1024 * 1024
/** All published files together; the oldest go first. */
export const KEPT_BYTES = 1024 * 1024 * 1024
/** Requests whose ids are remembered, to know them again when a load balancer is asked anew. */
export const REMEMBERED = 2048
/** Requests that wait to be written; more than that are not logged. */
export const WAITING_MOST = 100_000
/** The wait before a load balancer that ended is asked again. */
export const FOLLOW_AGAIN_SECONDS = 0.2
/** How often is looked whether there is anything to log, although nothing has called for it. */
export const IDLE_SECONDS = 300
/** Connections to one load balancer of which is known that they have been logged. */
export const KNOWN_CONNECTIONS = 65_536
