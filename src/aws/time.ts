// Times are stored as text and answered as dates; what time it is, only the Clock says.

/* oxlint-disable no-restricted-globals -- See above: nothing here reads the time. */

/** For a time that we recorded ourselves, in ISO 8601. */
export const recordedTime = (text: string): Date => new Date(text)

/** `text` is ISO 8601; milliseconds since 1970. */
export const milliseconds = (text: string): number => recordedTime(text).getTime()

/** Milliseconds since 1970 as ISO 8601, as records have it. */
export const timeText = (at: number): string => new Date(at).toISOString()
