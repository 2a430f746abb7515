// A small XML parser for request bodies: elements, attributes and text; no DTD, no entities of the document's own.

import { DecodeProblem } from './decode-problem.ts'

export interface XmlNode {
  /** Without its namespace prefix. */
  readonly name: string
  readonly attributes: Map<string, string>
  readonly children: XmlNode[]
  text: string
}

const malformed = (what: string): DecodeProblem =>
  new DecodeProblem('malformed', `The request body is not valid XML: ${what}.`)

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const decodedEntities = (text: string): string =>
  text.includes('&')
    ? text.replace(/&([^;&]{0,10});?/g, (whole, name: string) => {
        const plain = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : characterReference(name)
        if (plain === undefined || !whole.endsWith(';')) throw malformed('unknown entity')
        return plain
      })
    : text

const characterReference = (name: string): string | undefined => {
  const [, hexadecimal, decimal] = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name) ?? []
  if (hexadecimal === undefined && decimal === undefined) return undefined
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
  return code === 0 || code > 0x10ffff ? undefined : String.fromCodePoint(code)
}

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1)

// Sticky, so that the text is walked once however long it is.
const NAME = /[^\s/>=<"'&]+/y
const SPACE = /\s*/y

class Parser {
  readonly #text: string
  readonly #depthLimit: number
  readonly #top: XmlNode = { name: '', attributes: new Map(), children: [], text: '' }
  readonly #open: { readonly node: XmlNode; readonly rawName: string }[] = [{ node: this.#top, rawName: '' }]
  #at: number

  constructor(text: string, depthLimit: number) {
    this.#text = text
    this.#depthLimit = depthLimit
    this.#at = text.startsWith('\ufeff') ? 1 : 0
  }

  root(): XmlNode {
    while (this.#at < this.#text.length) this.#next()
    const [root] = this.#top.children
    if (this.#open.length > 1 || root === undefined || this.#top.text.trim() !== '') {
      throw malformed('it has no single, closed root')
    }
    return root
  }

  #next(): void {
    if (this.#text[this.#at] !== '<') this.#characters()
    else if (this.#sees('</')) this.#endTag()
    else if (this.#sees('<!--')) this.#at = this.#find('-->', this.#at + 4, 'a comment') + 3
    else if (this.#sees('<![CDATA[')) {
      const end = this.#find(']]>', this.#at, 'a CDATA section')
      this.#current().text += this.#text.slice(this.#at + 9, end)
      this.#at = end + 3
    } else if (this.#sees('<?')) this.#at = this.#find('?>', this.#at, 'a processing instruction') + 2
    else if (this.#sees('<!')) throw malformed('a document type is not allowed')
    else this.#startTag()
  }

  #sees(what: string): boolean {
    return this.#text.startsWith(what, this.#at)
  }

  #current(): XmlNode {
    return this.#open.at(-1)!.node
  }

  #matched(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #find(ending: string, from: number, what: string): number {
    const end = this.#text.indexOf(ending, from)
    if (end < 0) throw malformed(`${what} has no end`)
    return end
  }

  #characters(): void {
    const next = this.#text.indexOf('<', this.#at)
    const end = next < 0 ? this.#text.length : next
    this.#current().text += decodedEntities(this.#text.slice(this.#at, end))
    this.#at = end
  }

  #startTag(): void {
    this.#at++
    const rawName = this.#matched(NAME)
    if (rawName === '') throw malformed('an element has no name')
    const node: XmlNode = { name: withoutPrefix(rawName), attributes: new Map(), children: [], text: '' }
    this.#matched(SPACE)
    while (!this.#sees('>') && !this.#sees('/>')) {
      this.#attribute(node)
      this.#matched(SPACE)
    }
    if (this.#current() === this.#top && this.#top.children.length > 0) throw malformed('there is a second root')
    this.#current().children.push(node)
    const isClosed = this.#sees('/>')
    this.#at += isClosed ? 2 : 1
    if (isClosed) return
    this.#open.push({ node, rawName })
    if (this.#open.length > this.#depthLimit) {
      throw new DecodeProblem('too-large', `The request nests deeper than ${this.#depthLimit} levels.`)
    }
  }

  #attribute(node: XmlNode): void {
    const name = this.#matched(NAME)
    this.#matched(SPACE)
    if (name === '' || !this.#sees('=')) throw malformed('an attribute is broken')
    this.#at++
    this.#matched(SPACE)
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") throw malformed('an attribute is broken')
    const end = this.#find(quote, this.#at + 1, 'an attribute')
    node.attributes.set(name, decodedEntities(this.#text.slice(this.#at + 1, end)))
    this.#at = end + 1
  }

  #endTag(): void {
    const end = this.#find('>', this.#at, 'an end tag')
    const name = this.#text.slice(this.#at + 2, end).trimEnd()
    if (this.#open.length === 1 || this.#open.at(-1)!.rawName !== name) throw malformed('an end tag does not match')
    this.#open.pop()
    this.#at = end + 1
  }
}

/** Throws DecodeProblem. The depth limit and the body limit together bound the memory. */
export const parsedXml = (text: string, depthLimit: number): XmlNode => new Parser(text, depthLimit).root()
