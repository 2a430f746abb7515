// Reads the YAML that AppSpec files are written in: maps and lists, in blocks or in brackets, plain and quoted scalars,
// comments. Anchors, tags, block scalars and several documents are refused; nobody writes them there. Pure.
// https://yaml.org/spec/1.2.2/

import { APP_SPEC_DEPTH } from './limits.ts'

export type YamlValue = string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue }

/** What cannot be read, with the line (from 1) at which reading stopped. */
export class YamlError extends Error {
  readonly line: number

  constructor(problem: string, line: number) {
    super(`${problem} in line ${line}`)
    this.line = line
  }
}

interface Line {
  readonly number: number
  readonly indent: number
  /** Without indentation and comment. */
  readonly text: string
}

export const parseYaml = (source: string): YamlValue => {
  const reader = new BlockReader(linesOf(source))
  return reader.document()
}

/** A # begins a comment at the start of a line or after a space, except in quotes. */
const withoutComment = (text: string): string => {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote !== '') {
      if (char === '\\' && quote === '"') at++
      else if (char === quote) quote = ''
    } else if (char === '#' && (at === 0 || /\s/.test(text[at - 1] ?? ''))) return text.slice(0, at).trimEnd()
    else if ((char === '"' || char === "'") && /^$|[\s,:[{]/.test(text[at - 1] ?? '')) quote = char
  }
  return text.trimEnd()
}

const linesOf = (source: string): Line[] =>
  source
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .flatMap((raw, at): Line[] => {
      const number = at + 1
      const indent = /^ */.exec(raw)?.[0].length ?? 0
      const text = withoutComment(raw.slice(indent))
      if (text === '' || (number === 1 && text.startsWith('%'))) return []
      if (text.startsWith('\t')) throw new YamlError('A tab cannot indent', number)
      return text === '---' || text === '...' ? [{ number, indent: -1, text }] : [{ number, indent, text }]
    })

class BlockReader {
  readonly #lines: readonly Line[]
  #at = 0

  constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  document(): YamlValue {
    if (this.#peek?.text === '---') this.#at++
    const value = this.#peek === undefined ? null : this.#block(this.#peek.indent, 0)
    if (this.#peek?.text === '...') this.#at++
    if (this.#peek !== undefined) throw new YamlError('Unexpected content', this.#peek.number)
    return value
  }

  get #peek(): Line | undefined {
    return this.#lines[this.#at]
  }

  #block(indent: number, depth: number): YamlValue {
    const line = this.#peek
    if (line === undefined) return null
    if (depth > APP_SPEC_DEPTH) throw new YamlError('Too deep', line.number)
    if (isItem(line.text)) return this.#list(indent, depth)
    if (splitKey(line) !== undefined) return this.#map(indent, depth)
    return this.#flow(line.text)
  }

  #list(indent: number, depth: number): YamlValue {
    const items: YamlValue[] = []
    for (let line = this.#peek; line?.indent === indent && isItem(line.text); line = this.#peek) {
      const rest = line.text.slice(1)
      const inner = rest.trimStart()
      if (inner === '') {
        this.#at++
        items.push(this.#below(indent, depth))
        continue
      }
      // What follows the dash is a block of its own, as deep as it stands.
      const at = indent + 1 + rest.length - inner.length
      this.#replace({ number: line.number, indent: at, text: inner })
      items.push(this.#block(at, depth + 1))
    }
    return items
  }

  #map(indent: number, depth: number): YamlValue {
    const entries = new Map<string, YamlValue>()
    for (let line = this.#peek; line?.indent === indent && !isItem(line.text); line = this.#peek) {
      const split = splitKey(line)
      if (split === undefined) throw new YamlError('A key was expected', line.number)
      if (entries.has(split.key)) throw new YamlError(`The key ${split.key} is there twice`, line.number)
      this.#at++
      entries.set(split.key, split.rest === '' ? this.#below(indent, depth, true) : this.#inline(line, split.rest))
    }
    return Object.fromEntries(entries)
  }

  /** What stands below a key or dash: deeper, or, below a key, a list that is just as deep. */
  #below(indent: number, depth: number, isKey = false): YamlValue {
    const next = this.#peek
    if (next === undefined || next.indent < indent) return null
    if (next.indent === indent) return isKey && isItem(next.text) ? this.#list(indent, depth + 1) : null
    return this.#block(next.indent, depth + 1)
  }

  #inline(line: Line, rest: string): YamlValue {
    this.#at--
    this.#replace({ ...line, text: rest })
    return this.#flow(rest)
  }

  /** A value in one line, or in brackets over several. */
  #flow(text: string): YamlValue {
    const first = this.#peek?.number ?? 0
    this.#at++
    const pieces = [text]
    const brackets = new Brackets()
    let isWhole = !/^[[{"']/.test(text) || brackets.isClosedAfter(text)
    for (let next = this.#peek; !isWhole && next !== undefined; next = this.#peek) {
      this.#at++
      pieces.push(next.text)
      isWhole = brackets.isClosedAfter(next.text)
    }
    return new FlowReader(pieces.join(' '), first).whole()
  }

  #replace(line: Line): void {
    ;(this.#lines as Line[])[this.#at] = line
  }
}

const isItem = (text: string): boolean => text === '-' || text.startsWith('- ')

/** "key: rest"; undefined when the line holds no key. */
const splitKey = ({ text, number }: Line): { readonly key: string; readonly rest: string } | undefined => {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:(?:\s+(.*))?$/.exec(text)
  if (quoted !== null)
    return { key: scalarText(new FlowReader(quoted[1] ?? '', number).whole(), number), rest: quoted[2] ?? '' }
  if (/^["'[{]/.test(text)) return undefined
  const end = /:(?:\s|$)/.exec(text)
  if (end === null) return undefined
  return { key: text.slice(0, end.index).trim(), rest: text.slice(end.index + 1).trim() }
}

/** As a key is written. */
const scalarText = (value: YamlValue, line: number): string => {
  if (typeof value === 'object' && value !== null) throw new YamlError('A key was expected', line)
  return String(value)
}

/** Whether every bracket and quote that was opened is closed again; told piece by piece. */
class Brackets {
  #open = 0
  #quote = ''

  isClosedAfter(text: string): boolean {
    for (let at = 0; at < text.length; at++) {
      const char = text[at] ?? ''
      if (this.#quote !== '') {
        if (char === '\\' && this.#quote === '"') at++
        else if (char === this.#quote) this.#quote = ''
      } else if (char === '"' || char === "'") this.#quote = char
      else if (char === '[' || char === '{') this.#open++
      else if (char === ']' || char === '}') this.#open--
    }
    return this.#open <= 0 && this.#quote === ''
  }
}

/** Scalars, and lists and maps in brackets: JSON's, and YAML's without quotes. */
class FlowReader {
  readonly #text: string
  readonly #line: number
  #at = 0

  constructor(text: string, line: number) {
    this.#text = text
    this.#line = line
  }

  whole(): YamlValue {
    const isBare = !/^["'[{]/.test(this.#text)
    if (isBare) return this.#scalar(this.#text)
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#problem('Unexpected content')
    return value
  }

  #problem(text: string): YamlError {
    return new YamlError(text, this.#line)
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #value(depth: number): YamlValue {
    if (depth > APP_SPEC_DEPTH) throw this.#problem('Too deep')
    this.#space()
    switch (this.#text[this.#at]) {
      case '[':
        return this.#items(depth)
      case '{':
        return this.#entries(depth)
      case '"':
      case "'":
        return this.#quoted()
      default:
        return this.#bare()
    }
  }

  #items(depth: number): YamlValue {
    const items: YamlValue[] = []
    this.#at++
    for (;;) {
      this.#space()
      if (this.#taken(']')) return items
      items.push(this.#value(depth + 1))
      this.#space()
      if (this.#taken(']')) return items
      if (!this.#taken(',')) throw this.#problem('A comma or ] was expected')
    }
  }

  #entries(depth: number): YamlValue {
    const entries = new Map<string, YamlValue>()
    this.#at++
    for (;;) {
      this.#space()
      if (this.#taken('}')) return Object.fromEntries(entries)
      const key = this.#key(depth + 1)
      this.#space()
      if (!this.#taken(':')) throw this.#problem('A colon was expected')
      entries.set(key, this.#value(depth + 1))
      this.#space()
      if (this.#taken('}')) return Object.fromEntries(entries)
      if (!this.#taken(',')) throw this.#problem('A comma or } was expected')
    }
  }

  #key(depth: number): string {
    return scalarText(this.#value(depth), this.#line)
  }

  #taken(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #quoted(): string {
    const quote = this.#text[this.#at]
    const end = quote === '"' ? /"((?:[^"\\]|\\.)*)"/y : /'((?:[^']|'')*)'/y
    end.lastIndex = this.#at
    const found = end.exec(this.#text)
    if (found === null) throw this.#problem('A quote is not closed')
    this.#at = end.lastIndex
    if (quote === "'") return (found[1] ?? '').replaceAll("''", "'")
    try {
      return JSON.parse(found[0]) as string
    } catch {
      throw this.#problem('An escape sequence is unknown')
    }
  }

  #bare(): YamlValue {
    const start = this.#at
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? ''
      const isColon = char === ':' && /^(?:\s|)$/.test(this.#text[this.#at + 1] ?? '')
      if (isColon || ',[]{}'.includes(char)) break
    }
    const found = this.#text.slice(start, this.#at).trimEnd()
    if (found === '') throw this.#problem('A value was expected')
    return this.#scalar(found)
  }

  /** YAML's core schema. */
  #scalar(text: string): YamlValue {
    if (/^[&*!|>%@`]/.test(text)) throw this.#problem(`${text[0]} is not supported`)
    if (/^(?:null|Null|NULL|~)$/.test(text)) return null
    if (/^(?:true|True|TRUE)$/.test(text)) return true
    if (/^(?:false|False|FALSE)$/.test(text)) return false
    return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text
  }
}
