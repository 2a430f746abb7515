// Values to XML, as the query protocols and restXml write them.

import { refuseUnknown } from './json-writer.ts'
import { scalarToText } from './scalar.ts'
import type { Member, Shape } from './shape.ts'

export interface XmlDialect {
  /** The name of a list's items where the model gives none. */
  readonly item: 'member' | 'item'
  /** Throw on members the model does not know; otherwise they are dropped. */
  readonly strict: boolean
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
  '\n': '&#xA;',
}
// Control characters cannot be written in XML 1.0 at all, not even escaped.
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

export const xmlEscaped = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  /[&<>"'\u0000-\u001f\ufffe\uffff]/.test(text)
    ? text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"'\r\n]/g, (found) => ESCAPES[found]!)
    : text

/** The members of a structure, without the element around them. */
export const xmlMembers = (shape: Shape, value: unknown, dialect: XmlDialect): string => {
  if (typeof value !== 'object' || value === null)
    throw new Error(`${shape.name} was expected in the output, not ${typeof value}`)
  if (dialect.strict) refuseUnknown(shape, value)
  let text = ''
  for (const member of shape.members) {
    if (member.binding !== 'body' || member.attribute) continue
    const one = (value as Record<string, unknown>)[member.name]
    if (one !== undefined && one !== null) text += xmlElement(member, member.xmlName ?? member.name, one, dialect)
  }
  return text
}

const attributes = (shape: Shape, value: object): string =>
  shape.members
    .filter((member) => member.attribute && (value as Record<string, unknown>)[member.name] !== undefined)
    .map((member) => {
      const text = scalarToText(member, (value as Record<string, unknown>)[member.name])
      return ` ${member.xmlName ?? member.name}="${xmlEscaped(text)}"`
    })
    .join('')

/** One member as an element called `name`; a flattened list or map as several. */
export const xmlElement = (member: Member, name: string, value: unknown, dialect: XmlDialect): string => {
  const { shape } = member
  switch (shape.type) {
    case 'structure':
    case 'union':
      return `<${name}${attributes(shape, value as object)}>${xmlMembers(shape, value, dialect)}</${name}>`
    case 'list':
      return xmlList(member, name, value, dialect)
    case 'map':
      return xmlMap(member, name, value, dialect)
    default:
      return `<${name}>${xmlEscaped(scalarToText(member, value))}</${name}>`
  }
}

const xmlList = (member: Member, name: string, value: unknown, dialect: XmlDialect): string => {
  if (!Array.isArray(value)) throw new Error(`a list was expected in the output at ${member.name}, not ${typeof value}`)
  const { element } = member.shape
  const itemName = member.flattened ? name : (element.xmlName ?? dialect.item)
  const items = value
    .filter((one) => one !== undefined && one !== null)
    .map((one) => xmlElement(element, itemName, one, dialect))
    .join('')
  // An empty list is an empty element: without it clients leave the key out.
  return member.flattened ? items : `<${name}>${items}</${name}>`
}

const xmlMap = (member: Member, name: string, value: unknown, dialect: XmlDialect): string => {
  if (typeof value !== 'object' || value === null) throw new Error(`a map was expected in the output at ${member.name}`)
  const { key, element } = member.shape
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null)
    .map(
      ([one, item]) =>
        xmlElement(key, key.xmlName ?? 'key', one, dialect) +
        xmlElement(element, element.xmlName ?? 'value', item, dialect),
    )
  return member.flattened
    ? entries.map((entry) => `<${name}>${entry}</${name}>`).join('')
    : `<${name}>${entries.map((entry) => `<entry>${entry}</entry>`).join('')}</${name}>`
}
