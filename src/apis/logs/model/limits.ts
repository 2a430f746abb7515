// CloudWatch Logs' quotas (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html).

/** Log groups or streams on one page of a Describe call. */
export const PAGE_LIMIT = 50

/** Events on one page of GetLogEvents or FilterLogEvents, and in one PutLogEvents. */
export const EVENTS_LIMIT = 10_000

/** Bytes of one page or one batch; each event counts its message in UTF-8 and EVENT_OVERHEAD_BYTES. */
export const BATCH_LIMIT_BYTES = 1_048_576
export const EVENT_OVERHEAD_BYTES = 26

/** How long the events of one batch may span. */
export const SPAN_LIMIT_MS = 24 * 3600 * 1000

/** Events older or newer than this are not taken. */
export const OLDEST_MS = 14 * 24 * 3600 * 1000
export const NEWEST_MS = 2 * 3600 * 1000

export const TAGS_LIMIT = 50

/** Events one FilterLogEvents looks at before it answers with what it has and a token; a limit of ours. */
export const SCAN_LIMIT = 100_000

/** Events that FilterLogEvents holds at a time over all streams, and of one stream at least and at most; ours. */
export const SCAN_HELD = 20_000
export const SCAN_PAGE_LEAST = 10
export const SCAN_PAGE_MOST = 1000

/** Days that PutRetentionPolicy takes. */
export const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
