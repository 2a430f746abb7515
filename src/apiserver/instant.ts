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
  const date = instantFromText(text.replace(BASIC, '$1-$2-$3T$4:$5:$6Z'))
  return BASIC.test(text) && isValid(date) ? date : undefined
}

export const basicText = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '')
