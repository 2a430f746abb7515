// How often flow logs are written, and how much is kept for them.

/** Counts are taken at every full minute, whatever interval is asked for: the longer ones are made of these. */
export const SPAN_SECONDS = 60
/** So many spans of a VPC wait for a log store that refuses them; older ones are lost. */
export const SPANS_KEPT = 60
/** Lines handed to the log store at once. */
export const LINES_PER_BATCH = 5000
/** How long an interface that went is remembered: longer than the longest interval takes to be written. */
export const DEPARTED_KEPT_SECONDS = 1800
