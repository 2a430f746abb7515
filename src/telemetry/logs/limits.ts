// The log store's limits.

/** Bytes that AWS adds to each event's message when it counts. */
export const EVENT_OVERHEAD_BYTES = 26

/** UTF-8 bytes (with overhead) of one stored block: the unit that is compressed, written and read. */
export const BLOCK_LIMIT_BYTES = 1024 * 1024

/** Blocks smaller than this are stored as they are: compressing them costs more than it saves. */
export const COMPRESS_FROM_BYTES = 4096

/** Blocks from this size on are compressed off the main thread. */
export const COMPRESS_APART_FROM_BYTES = 128 * 1024

/** What a block may unpack to: a damaged file must not fill our memory. */
export const UNPACKED_LIMIT_BYTES = 64 * 1024 * 1024

/** Batches that share one commit. */
export const BATCHES_PER_COMMIT = 256

/** Block headers looked at in one query of a read. */
export const HEADERS_PER_QUERY = 64

/** Blocks deleted in one commit: a large stream goes in steps, so that nobody waits for it. */
export const BLOCKS_PER_SWEEP = 128

/** Free pages (4 KiB) the file may keep before it is cut back, and how many are given back in one step. */
export const FREE_PAGES_KEPT = 4096
export const PAGES_PER_STEP = 512
