// The store's limits.

/** Writers that share one commit; more wait for the next. */
export const WRITERS_PER_COMMIT = 1000

/** UTF-16 code units of a primary key. */
export const KEY_LENGTH_LIMIT = 4096

/** UTF-16 code units of one row as JSON. */
export const ROW_LENGTH_LIMIT = 16 * 1024 * 1024

/** How deep a row may nest. */
export const ROW_DEPTH_LIMIT = 64

/** Entries of one node of a sorted map: wide enough to be shallow, narrow enough to copy for each change. */
export const NODE_ENTRIES = 32
