// The regular expressions of filter patterns (%…%): no groups, so they are matched in one pass, whatever they say.

/** Positions a pattern may unfold to, so that "a{1000}{…" costs its sender and not us. */
const POSITIONS_LIMIT = 256

interface Atom {
  readonly matches: (code: number) => boolean
  /** The next character may be this atom's again. */
  readonly repeats: boolean
  readonly optional: boolean
}

interface Branch {
  readonly atoms: readonly Atom[]
  readonly fromStart: boolean
  readonly toEnd: boolean
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isWord = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

const not =
  (test: (code: number) => boolean): ((code: number) => boolean) =>
  (code) =>
    !test(code)

const CLASSES: Readonly<Record<string, (code: number) => boolean>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
}

const escaped = (letter: string): ((code: number) => boolean) => {
  const code = letter.charCodeAt(0)
  return CLASSES[letter] ?? ((other) => other === code)
}

/** "[a-z\d_]" from its "[" on; returns the test and the index behind the "]". Undefined when it never ends. */
const parseSet = (text: string, start: number): { test: (code: number) => boolean; next: number } | undefined => {
  let at = start + 1
  const negated = text[at] === '^'
  if (negated) at++
  const tests: ((code: number) => boolean)[] = []
  for (; at < text.length && (text[at] !== ']' || tests.length === 0); at++) {
    if (text[at] === '\\') {
      tests.push(escaped(text[++at] ?? '\\'))
      continue
    }
    const low = text.charCodeAt(at)
    const isRange = text[at + 1] === '-' && text[at + 2] !== undefined && text[at + 2] !== ']'
    const high = isRange ? text.charCodeAt(at + 2) : low
    if (isRange) at += 2
    tests.push((code) => code >= low && code <= high)
  }
  if (at >= text.length) return undefined
  const any = (code: number): boolean => tests.some((test) => test(code))
  return { test: negated ? not(any) : any, next: at + 1 }
}

const parseBranch = (text: string): Branch | undefined => {
  const atoms: Atom[] = []
  const fromStart = text.startsWith('^')
  const toEnd = /(^|[^\\])(\\\\)*\$$/.test(text)
  const end = toEnd ? text.length - 1 : text.length
  let at = fromStart ? 1 : 0
  while (at < end) {
    let matches: (code: number) => boolean
    const letter = text[at]!
    if (letter === '[') {
      const set = parseSet(text, at)
      if (set === undefined) return undefined
      matches = set.test
      at = set.next
    } else if (letter === '\\') {
      if (at + 1 >= end) return undefined
      matches = escaped(text[at + 1]!)
      at += 2
    } else {
      if ('()*+?{}^$'.includes(letter)) return undefined
      const code = text.charCodeAt(at)
      matches = letter === '.' ? () => true : (other) => other === code
      at++
    }
    const [quantifier = '', , low, comma, high] = /^([*+?]|\{(\d{1,4})(,?)(\d{0,4})\})/.exec(text.slice(at, end)) ?? []
    at += quantifier.length
    const least = low !== undefined ? Number(low) : quantifier === '*' || quantifier === '?' ? 0 : 1
    const most =
      low === undefined
        ? quantifier === '*' || quantifier === '+'
          ? Infinity
          : 1
        : comma === ''
          ? least
          : high === ''
            ? Infinity
            : Number(high)
    if (most < least) return undefined
    for (let n = 0; n < least; n++) atoms.push({ matches, repeats: false, optional: false })
    if (most === Infinity) atoms.push({ matches, repeats: true, optional: true })
    else for (let n = least; n < most; n++) atoms.push({ matches, repeats: false, optional: true })
    if (atoms.length > POSITIONS_LIMIT) return undefined
  }
  return { atoms, fromStart, toEnd }
}

/** Splits at "|" outside of sets and escapes. */
const alternatives = (text: string): string[] => {
  const parts = ['']
  let inSet = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (letter === '\\') {
      parts[parts.length - 1] += letter + (text[++at] ?? '')
      continue
    }
    if (letter === '[') inSet = true
    if (letter === ']') inSet = false
    if (letter === '|' && !inSet) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts
}

/** Whether the branch matches somewhere: one pass over the text with the set of places it may be at. */
const found = ({ atoms, fromStart, toEnd }: Branch, text: string): boolean => {
  const end = atoms.length
  let places = new Set<number>()
  const enter = (into: Set<number>, place: number): void => {
    for (let at = place; !into.has(at); at++) {
      into.add(at)
      if (at === end || !atoms[at]!.optional) return
    }
  }
  enter(places, 0)
  for (let at = 0; at < text.length; at++) {
    if (!toEnd && places.has(end)) return true
    const code = text.charCodeAt(at)
    const next = new Set<number>()
    for (const place of places) {
      const atom = atoms[place]
      if (atom === undefined || !atom.matches(code)) continue
      enter(next, atom.repeats ? place : place + 1)
    }
    if (!fromStart) enter(next, 0)
    places = next
  }
  return places.has(end)
}

/** The test that the expression stands for; undefined when it is not one of AWS's subset. */
export const regexTest = (expression: string): ((text: string) => boolean) | undefined => {
  const branches: Branch[] = []
  for (const part of alternatives(expression)) {
    const branch = parseBranch(part)
    if (branch === undefined) return undefined
    branches.push(branch)
  }
  return (text) => branches.some((branch) => found(branch, text))
}
