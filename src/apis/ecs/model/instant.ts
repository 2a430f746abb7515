// Recorded times as the dates that answers carry; what time it is, only the Clock says.

/* oxlint-disable no-restricted-globals -- See above: nothing here reads the time. */

/** `text` is ISO 8601, as records have it. */
export const instant = (text: string): Date => new Date(text)

export const maybeInstant = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : instant(text)

export const secondsAfter = (date: Date, seconds: number): string =>
  new Date(date.getTime() + seconds * 1000).toISOString()
