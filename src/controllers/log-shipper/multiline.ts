// Which line begins a new event, by awslogs-multiline-pattern or awslogs-datetime-format.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html

import { linearRegex } from '#base/linear-regex.ts'
import { PATTERN_REACH } from './limits.ts'
import type { ShipmentOptions } from './shipment.ts'

// The directives that the awslogs driver knows.
const DIRECTIVES: Readonly<Record<string, string>> = {
  a: '(Mon|Tue|Wed|Thu|Fri|Sat|Sun)',
  A: '(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)',
  w: '[0-6]',
  d: '[0-3][0-9]',
  b: '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)',
  B: '(January|February|March|April|May|June|July|August|September|October|November|December)',
  m: '[01][0-9]',
  Y: '[0-9]{4}',
  y: '[0-9]{2}',
  H: '[0-2][0-9]',
  I: '[01][0-9]',
  p: '[AP]M',
  M: '[0-5][0-9]',
  S: '[0-5][0-9]',
  L: '\\.[0-9]{3}',
  f: '[0-9]+',
  z: '[+-][0-9]{4}',
  Z: '[A-Z]{1,4}T?',
  j: '[0-3][0-9]{2}',
}

const patternOf = (format: string): string | undefined => {
  let pattern = ''
  for (let at = 0; at < format.length; at++) {
    const letter = format[at]!
    if (letter !== '%') {
      pattern += /[A-Za-z0-9]/.test(letter) ? letter : `\\${letter}`
      continue
    }
    const directive = format[++at]
    const expression = directive === '%' ? '%' : DIRECTIVES[directive ?? '']
    if (expression === undefined) return undefined
    pattern += expression
  }
  return pattern
}

export type Beginning = (line: string) => boolean

/**
 * 'none' when each line is an event; undefined when the options are no good: a pattern that cannot be matched in one
 * pass, an unknown directive, or both options at once.
 */
export const eventBeginning = (options: ShipmentOptions): Beginning | 'none' | undefined => {
  const { multilinePattern, datetimeFormat } = options
  if (multilinePattern !== undefined && datetimeFormat !== undefined) return undefined
  if (multilinePattern === undefined && datetimeFormat === undefined) return 'none'
  const pattern = multilinePattern ?? patternOf(datetimeFormat!)
  const test = pattern === undefined ? undefined : linearRegex(pattern)
  return test === undefined ? undefined : (line) => test(line.slice(0, PATTERN_REACH))
}
