// Dates made from numbers and text that came over the wire; what time it is, only the Clock says.

/* oxlint-disable no-restricted-globals -- See above: nothing here reads the time. */

/** May be invalid: ask `isValid`. */
export const instant = (milliseconds: number): Date => new Date(milliseconds)

/** Text in ISO 8601 or RFC 7231 form. May be invalid: ask `isValid`. */
export const instantFromText = (text: string): Date => new Date(text)

export const isDate = (value: unknown): value is Date => value instanceof Date
export const isValid = (date: Date): boolean => !Number.isNaN(date.getTime())

const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** "20260101T120000Z", the form of signatures; undefined for anything else. */
export const instantFromBasic = (text: string): Date | undefined => {
  const match = BASIC.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // The 31st of February would otherwise be a day in March.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 ? date : undefined
}

export const basicText = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '')
