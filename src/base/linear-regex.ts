// Regular expressions from strangers: matched in one pass, in time that grows with pattern × text and never explodes.

/** Instructions a pattern may compile to, so that "(a{99}){99}" costs its sender and not us. */
const PROGRAM_LIMIT = 2000

/** How deep groups may nest. */
const DEPTH_LIMIT = 50

type Test = (code: number) => boolean

type Node =
  | { readonly is: 'character'; readonly test: Test }
  | { readonly is: 'start' | 'end' | 'nothing' }
  | { readonly is: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly is: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

type Instruction =
  | { readonly do: 'take'; readonly test: Test }
  | { readonly do: 'need-start' | 'need-end' | 'match' }
  /** Goes on at each of these places. */
  | { readonly do: 'fork'; readonly to: number[] }

/** Thrown inside this file only. */
class Unsupported extends Error {}

const isDigit: Test = (code) => code >= 48 && code <= 57
const isWord: Test = (code) => isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
const isSpace: Test = (code) => code === 32 || (code >= 9 && code <= 13)
const not =
  (test: Test): Test =>
  (code) =>
    !test(code)

const CLASSES: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
}
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): Node {
    const node = this.#either(0)
    if (this.#at < this.#text.length) throw new Unsupported('a parenthesis was never opened')
    return node
  }

  #either(depth: number): Node {
    if (depth > DEPTH_LIMIT) throw new Unsupported('nested too deeply')
    const parts = [this.#sequence(depth)]
    while (this.#take('|')) parts.push(this.#sequence(depth))
    return parts.length === 1 ? parts[0]! : { is: 'either', parts }
  }

  #sequence(depth: number): Node {
    const parts: Node[] = []
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!)) parts.push(this.#repeated(depth))
    return { is: 'sequence', parts }
  }

  #repeated(depth: number): Node {
    const part = this.#single(depth)
    const [whole, sign, low, comma, high] = /^(?:([*+?])|\{(\d{1,4})(,?)(\d{0,4})\})/.exec(this.#rest()) ?? []
    if (whole === undefined) return part
    this.#at += whole.length
    // Lazy or greedy makes no difference to whether it matches.
    this.#take('?')
    if (sign !== undefined) {
      return { is: 'repeat', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    }
    const least = Number(low)
    const most = comma === '' ? least : high === '' ? Infinity : Number(high)
    if (most < least) throw new Unsupported('a count runs backwards')
    return { is: 'repeat', part, least, most }
  }

  #single(depth: number): Node {
    const letter = this.#text[this.#at++]!
    if (letter === '(') {
      if (this.#rest().startsWith('?:')) this.#at += 2
      else if (this.#rest().startsWith('?')) throw new Unsupported('only (…) and (?:…) are groups')
      const node = this.#either(depth + 1)
      if (!this.#take(')')) throw new Unsupported('a parenthesis is not closed')
      return node
    }
    if (letter === '^') return { is: 'start' }
    if (letter === '$') return { is: 'end' }
    if (letter === '.') return { is: 'character', test: (code) => code !== 10 }
    if (letter === '[') return { is: 'character', test: this.#set() }
    if (letter === '\\') return { is: 'character', test: this.#escape() }
    if ('*+?'.includes(letter)) throw new Unsupported('nothing to repeat')
    const code = letter.charCodeAt(0)
    return { is: 'character', test: (other) => other === code }
  }

  #escape(): Test {
    const letter = this.#text[this.#at++]
    if (letter === undefined) throw new Unsupported('the pattern ends with a backslash')
    if (CLASSES[letter] !== undefined) return CLASSES[letter]
    // Back references and assertions cannot be matched in one pass.
    if (CONTROLS[letter] === undefined && /[A-Za-z0-9]/.test(letter)) throw new Unsupported(`\\${letter}`)
    const code = CONTROLS[letter] ?? letter.charCodeAt(0)
    return (other) => other === code
  }

  #set(): Test {
    const negated = this.#take('^')
    const tests: Test[] = []
    for (let first = true; ; first = false) {
      const letter = this.#text[this.#at++]
      if (letter === undefined) throw new Unsupported('a set is not closed')
      if (letter === ']' && !first) break
      if (letter === '\\') {
        tests.push(this.#escape())
        continue
      }
      const low = letter.charCodeAt(0)
      const next = this.#text[this.#at + 1]
      const isRange = this.#text[this.#at] === '-' && next !== undefined && next !== ']' && next !== '\\'
      if (isRange) this.#at += 2
      const high = isRange ? next.charCodeAt(0) : low
      tests.push((code) => code >= low && code <= high)
    }
    const any: Test = (code) => tests.some((test) => test(code))
    return negated ? not(any) : any
  }

  #rest(): string {
    return this.#text.slice(this.#at)
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false
    this.#at++
    return true
  }
}

const compiled = (node: Node): Instruction[] => {
  const program: Instruction[] = []
  const add = (instruction: Instruction): void => {
    if (program.push(instruction) > PROGRAM_LIMIT) throw new Unsupported('the pattern is too large')
  }
  const emit = (part: Node): void => {
    if (part.is === 'character') add({ do: 'take', test: part.test })
    else if (part.is === 'start') add({ do: 'need-start' })
    else if (part.is === 'end') add({ do: 'need-end' })
    else if (part.is === 'sequence') part.parts.forEach(emit)
    else if (part.is === 'either') emitEither(part.parts)
    else if (part.is === 'repeat') emitRepeat(part.part, part.least, part.most)
  }
  const emitEither = (parts: readonly Node[]): void => {
    const fork: number[] = []
    const exits: number[][] = []
    add({ do: 'fork', to: fork })
    for (const part of parts) {
      fork.push(program.length)
      emit(part)
      const exit: number[] = []
      exits.push(exit)
      add({ do: 'fork', to: exit })
    }
    for (const exit of exits) exit.push(program.length)
  }
  const emitRepeat = (part: Node, least: number, most: number): void => {
    for (let n = 0; n < least; n++) emit(part)
    const skips: number[][] = []
    for (let n = least; n < (most === Infinity ? least + 1 : most); n++) {
      const start = program.length
      const fork = [start + 1]
      skips.push(fork)
      add({ do: 'fork', to: fork })
      emit(part)
      if (most === Infinity) add({ do: 'fork', to: [start] })
    }
    for (const fork of skips) fork.push(program.length)
  }
  emit(node)
  add({ do: 'match' })
  return program
}

/** Whether the program matches somewhere: one pass over the text with the set of places it may be at. */
const matches = (program: readonly Instruction[], text: string): boolean => {
  // seen[place] === step + 1 means: already entered at this step.
  const seen = new Uint32Array(program.length)
  let matched = false
  const enter = (places: number[], first: number, at: number): void => {
    const waiting = [first]
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (seen[place] === at + 1) continue
      seen[place] = at + 1
      const instruction = program[place]!
      if (instruction.do === 'take') places.push(place)
      else if (instruction.do === 'match') matched = true
      else if (instruction.do === 'fork') waiting.push(...instruction.to)
      else if (instruction.do === 'need-start' ? at === 0 : at === text.length) waiting.push(place + 1)
    }
  }
  let places: number[] = []
  enter(places, 0, 0)
  const isAnchored = program[0]!.do === 'need-start'
  for (let at = 0; at < text.length && !matched; at++) {
    if (isAnchored && places.length === 0) return false
    const code = text.charCodeAt(at)
    const next: number[] = []
    for (const place of places) {
      const instruction = program[place]!
      if (instruction.do === 'take' && instruction.test(code)) enter(next, place + 1, at + 1)
    }
    if (!isAnchored) enter(next, 0, at + 1)
    places = next
  }
  return matched
}

/**
 * The test that the expression stands for; undefined when it is malformed or asks for what cannot be matched in one
 * pass (back references, look-around, word boundaries).
 */
export const linearRegex = (expression: string): ((text: string) => boolean) | undefined => {
  try {
    const program = compiled(new Parser(expression).whole())
    return (text) => matches(program, text)
  } catch (error) {
    if (error instanceof Unsupported) return undefined
    throw error
  }
}
