// Parsed XML to values, for restXml.

import { scalarFromText } from './scalar.ts'
import type { Member, Shape } from './shape.ts'
import type { XmlNode } from './xml.ts'

/** Unknown elements are ignored; the root's own name is not checked, as AWS does not either. */
export const readXml = (shape: Shape, node: XmlNode, path = ''): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  for (const member of shape.members) {
    if (member.binding !== 'body') continue
    const name = member.xmlName ?? member.name
    const at = path === '' ? name : `${path}.${name}`
    if (member.attribute) {
      const text = node.attributes.get(name)
      if (text !== undefined) read[member.name] = scalarFromText(member.shape, text, at)
      continue
    }
    const found = node.children.filter((child) => child.name === name)
    if (found.length > 0) read[member.name] = readMember(member, found, at)
  }
  return read
}

const readMember = (member: Member, nodes: readonly XmlNode[], path: string): unknown => {
  const { shape } = member
  switch (shape.type) {
    case 'structure':
    case 'union':
      return readXml(shape, nodes[0]!, path)
    case 'list': {
      const itemName = shape.element.xmlName ?? 'member'
      const items = member.flattened ? nodes : nodes[0]!.children.filter((child) => child.name === itemName)
      return items.map((item, index) => readMember(shape.element, [item], `${path}.${index + 1}`))
    }
    case 'map':
      return readMap(member, nodes, path)
    default:
      return scalarFromText(shape, nodes[0]!.text, path)
  }
}

const readMap = (member: Member, nodes: readonly XmlNode[], path: string): unknown => {
  const { key, element } = member.shape
  // The caller chooses the keys: "__proto__" must be a key like any other.
  const read: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const entry of member.flattened ? nodes : nodes[0]!.children) {
    const name = entry.children.find((child) => child.name === (key.xmlName ?? 'key'))?.text
    const value = entry.children.filter((child) => child.name === (element.xmlName ?? 'value'))
    if (name !== undefined && value.length > 0) read[name] = readMember(element, value, `${path}.${name}`)
  }
  return read
}
