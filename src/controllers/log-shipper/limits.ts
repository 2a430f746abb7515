// The log shipper's limits.

/** Bytes read from an output file at a time; one append carries what they hold. Below AWS's 1 MB and 10,000 events. */
export const CHUNK_BYTES = 384 * 1024

/** Bytes of one raw line of an output file; conmon writes at most 8 KiB of text per line. More is no such file. */
export const RAW_LINE_LIMIT_BYTES = 256 * 1024

/** UTF-8 bytes of one event: AWS's 256 KiB with the 26 that it adds to each. */
export const EVENT_LIMIT_BYTES = 262_144 - 26

/** Seconds between two looks at a file that is being written. */
export const TICK_SECONDS = 0.04

/** Seconds without new output after which a file is no longer looked at, but watched. */
export const QUIET_SECONDS = 0.1

/** Seconds that output without a newline waits for the rest of its line. */
export const PARTIAL_LINE_SECONDS = 1

/** Seconds that a multi-line event waits for its next line; as the awslogs driver does. */
export const MULTILINE_SECONDS = 5

/** Seconds between looks at all files, should the kernel have told us nothing. */
export const RESYNC_SECONDS = 30

/** The same where a folder cannot be watched or does not exist yet, and where output waits for its rest. */
export const SOON_SECONDS = 1

/** Seconds until a container's output is tried again after the log store refused it. */
export const RETRY_SECONDS = 1

/** UTF-16 code units of a line that are looked at for the multi-line pattern. */
export const PATTERN_REACH = 1024
