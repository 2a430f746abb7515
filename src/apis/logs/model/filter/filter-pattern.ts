// Filter patterns, as FilterLogEvents takes them: terms, phrases, exclusions, alternatives, JSON, regular expressions.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

import { jsonTest, PatternError, regexTest } from './json-pattern.ts'

type Test = (message: string) => boolean

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))(?=\s|$)/y

/** The test that a pattern stands for; undefined when AWS would refuse the pattern. */
export const filterTest = (pattern: string): Test | undefined => {
  const text = pattern.trim()
  try {
    if (text.startsWith('{')) return text.endsWith('}') ? jsonTest(text.slice(1, -1)) : undefined
    // Space-delimited patterns are not supported: better refused than misread as terms.
    return text.startsWith('[') ? undefined : termsTest(text)
  } catch (error) {
    if (error instanceof PatternError) return undefined
    throw error
  }
}

const termsTest = (text: string): Test => {
  const wanted: Test[] = []
  const excluded: Test[] = []
  const alternatives: Test[] = []
  TERM.lastIndex = 0
  while (TERM.lastIndex < text.length) {
    const [whole, sign, phrase, expression, word] = TERM.exec(text) ?? []
    if (whole === undefined) throw new PatternError('a quote is not closed')
    const test =
      expression === undefined ? containing(phrase?.replaceAll(/\\(.)/g, '$1') ?? word!) : regexTest(expression)
    if (sign === '-') excluded.push(test)
    else if (sign === '?') alternatives.push(test)
    else wanted.push(test)
  }
  // AWS: combined with other patterns, terms with a question mark are ignored.
  const isOnlyAlternatives = wanted.length === 0 && excluded.length === 0 && alternatives.length > 0
  if (isOnlyAlternatives) return (message) => alternatives.some((test) => test(message))
  return (message) => wanted.every((test) => test(message)) && !excluded.some((test) => test(message))
}

const containing =
  (term: string): Test =>
  (message) =>
    message.includes(term)
