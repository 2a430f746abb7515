// Filter patterns about JSON events: { $.status = 500 && ($.path = "/items/*" || $.retry IS TRUE) }.

import { linearRegex } from '#base/linear-regex.ts'

const EVERY = Symbol('[*]')

type Test = (event: unknown) => boolean
/** A member's name, an index, or every element. */
type Step = string | number | typeof EVERY

/** Thrown inside this room only: becomes AWS's refusal of the pattern. */
export class PatternError extends Error {}

/** AWS's regular expressions know no groups: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
export const regexTest = (expression: string): ((text: string) => boolean) => {
  const isGroupless = !/(^|[^\\])(\\\\)*[()]/.test(expression)
  const test = isGroupless ? linearRegex(expression) : undefined
  if (test === undefined) throw new PatternError('unsupported regular expression')
  return test
}

/** How deep parentheses may nest. */
const DEPTH_LIMIT = 50

const TOKEN =
  /\s*(&&|\|\||\(|\)|!=|<=|>=|=|<|>|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|\$(?:\["[^"]*"\]|[^\s=!<>()&|"])*|[^\s=!<>()&|"]+)/y

const tokensOf = (text: string): string[] => {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const [, token] = TOKEN.exec(text) ?? []
    if (token === undefined) throw new PatternError('unexpected character')
    tokens.push(token)
  }
  return tokens
}

/** "$.a.b[0]['c']" as steps. */
const stepsOf = (selector: string): Step[] => {
  const steps: Step[] = []
  let rest = selector.slice(1)
  while (rest !== '') {
    const [whole, name, index, star, quoted] =
      /^(?:\.([^.[\]]+)|\[(\d{1,6})\]|\[(\*)\]|\[["']([^"']*)["']\])/.exec(rest) ?? []
    if (whole === undefined) throw new PatternError(`bad selector ${selector}`)
    if (index !== undefined) steps.push(Number(index))
    else if (star !== undefined) steps.push(EVERY)
    else steps.push(name ?? quoted ?? '')
    rest = rest.slice(whole.length)
  }
  return steps
}

/** All values the selector finds; "[*]" may find several. */
const selected = (event: unknown, steps: readonly Step[]): unknown[] =>
  steps.reduce<unknown[]>(
    (values, step) =>
      values.flatMap((value) => {
        if (typeof value !== 'object' || value === null) return []
        if (step === EVERY) return Array.isArray(value) ? value : []
        if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [value[step]] : []
        return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : []
      }),
    [event],
  )

/** "*" stands for any text. */
export const wildcardTest = (pattern: string): ((text: string) => boolean) => {
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return (text) => text === pattern
  const tail = rest.pop()!
  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false
    let at = head.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found === -1) return false
      at = found + part.length
    }
    return at <= text.length - tail.length
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

const comparison = (operator: string, operand: string): ((value: unknown) => boolean) => {
  if (NUMBER.test(operand)) {
    const wanted = Number(operand)
    const compare: Readonly<Record<string, (value: number) => boolean>> = {
      '=': (value) => value === wanted,
      '!=': (value) => value !== wanted,
      '<': (value) => value < wanted,
      '<=': (value) => value <= wanted,
      '>': (value) => value > wanted,
      '>=': (value) => value >= wanted,
    }
    return (value) => typeof value === 'number' && compare[operator]!(value)
  }
  if (operator !== '=' && operator !== '!=') throw new PatternError('only numbers can be compared')
  const test = textTest(operand)
  const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'
  return (value) => isText(value) && test(String(value)) === (operator === '=')
}

const textTest = (operand: string): ((text: string) => boolean) => {
  if (operand.startsWith('%')) return regexTest(operand.slice(1, -1))
  return wildcardTest(operand.startsWith('"') ? operand.slice(1, -1).replaceAll(/\\(.)/g, '$1') : operand)
}

const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  NULL: (value) => value === null,
  TRUE: (value) => value === true,
  FALSE: (value) => value === false,
}

class Parser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  whole(): Test {
    const test = this.#or(0)
    if (this.#at < this.#tokens.length) throw new PatternError(`unexpected ${this.#tokens[this.#at]}`)
    return test
  }

  #or(depth: number): Test {
    const tests = [this.#and(depth)]
    while (this.#take('||')) tests.push(this.#and(depth))
    return (event) => tests.some((test) => test(event))
  }

  #and(depth: number): Test {
    const tests = [this.#single(depth)]
    while (this.#take('&&')) tests.push(this.#single(depth))
    return (event) => tests.every((test) => test(event))
  }

  #single(depth: number): Test {
    if (depth > DEPTH_LIMIT) throw new PatternError('nested too deeply')
    if (this.#take('(')) {
      const test = this.#or(depth + 1)
      if (!this.#take(')')) throw new PatternError('a parenthesis is not closed')
      return test
    }
    const selector = this.#next()
    if (!selector.startsWith('$')) throw new PatternError(`${selector} is no selector`)
    const steps = stepsOf(selector)
    const operator = this.#next()
    if (operator.toUpperCase() === 'NOT') {
      if (this.#next().toUpperCase() !== 'EXISTS') throw new PatternError('NOT goes with EXISTS')
      return (event) => selected(event, steps).length === 0
    }
    if (operator.toUpperCase() === 'EXISTS') return (event) => selected(event, steps).length > 0
    if (operator.toUpperCase() === 'IS') {
      const test = IS[this.#next().toUpperCase()]
      if (test === undefined) throw new PatternError('IS goes with NULL, TRUE or FALSE')
      return (event) => selected(event, steps).some(test)
    }
    if (!['=', '!=', '<', '<=', '>', '>='].includes(operator)) throw new PatternError(`${operator} is no operator`)
    const test = comparison(operator, this.#next())
    return (event) => selected(event, steps).some(test)
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new PatternError('the pattern ends too early')
    return token
  }
}

/** The test for what stands between the braces. Events that are no JSON objects never match. */
export const jsonTest = (expression: string): ((message: string) => boolean) => {
  const test = new Parser(tokensOf(expression)).whole()
  return (message) => {
    if (!message.trimStart().startsWith('{')) return false
    try {
      return test(JSON.parse(message))
    } catch (error) {
      if (error instanceof SyntaxError) return false
      throw error
    }
  }
}
