// Recorded times as numbers to reckon with. Pure.

import { recordedTime } from '#aws/time.ts'

/** `text` is ISO 8601; milliseconds since 1970. */
export const milliseconds = (text: string): number => recordedTime(text).getTime()
