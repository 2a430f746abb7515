// Times are stored as text and answered as dates; what time it is, only the Clock says.

/* oxlint-disable no-restricted-globals -- See above: nothing here reads the time. */

/** For a time that we recorded ourselves, in ISO 8601. */
export const recordedTime = (text: string): Date => new Date(text)
