// A form's tree to values, in the dialects of the query protocol and of EC2.

import { wrongType } from './decode-problem.ts'
import { numbered, type FormNode } from './query-form.ts'
import { scalarFromText } from './scalar.ts'
import type { Member, Shape } from './shape.ts'

export type QueryDialect = 'query' | 'ec2'

const wireName = (member: Member, dialect: QueryDialect): string =>
  dialect === 'ec2' ? member.ec2Name : (member.xmlName ?? member.name)

export const readForm = (shape: Shape, node: FormNode, dialect: QueryDialect, path = ''): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  for (const member of shape.members) {
    const name = wireName(member, dialect)
    const child = node.children?.get(name)
    if (child === undefined) continue
    const value = readNode(member, child, dialect, path === '' ? name : `${path}.${name}`)
    if (value !== undefined) read[member.name] = value
  }
  return read
}

const readNode = (member: Member, node: FormNode, dialect: QueryDialect, path: string): unknown => {
  const { shape } = member
  switch (shape.type) {
    case 'structure':
    case 'union':
      return readForm(shape, node, dialect, path)
    case 'list':
      return readList(member, node, dialect, path)
    case 'map':
      return readMap(member, node, dialect, path)
    default:
      return node.value === undefined ? undefined : scalarFromText(shape, node.value, path)
  }
}

const readList = (member: Member, node: FormNode, dialect: QueryDialect, path: string): unknown => {
  const { element } = member.shape
  const flat = dialect === 'ec2' || member.flattened
  const holder = flat ? node : (node.children?.get(element.xmlName ?? 'member') ?? node)
  const items = numbered(holder)
  if (items.length === 0) {
    if (node.value === '' || node.value === undefined) return []
    throw wrongType('Start of list expected', path)
  }
  return items
    .map((item, index) => readNode(element, item, dialect, `${path}.${index + 1}`))
    .filter((item) => item !== undefined)
}

const readMap = (member: Member, node: FormNode, dialect: QueryDialect, path: string): unknown => {
  const { key, element } = member.shape
  // The caller chooses the keys: "__proto__" must be a key like any other.
  const read: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const holder = member.flattened ? node : (node.children?.get('entry') ?? node)
  for (const entry of numbered(holder)) {
    const name = entry.children?.get(key.xmlName ?? 'key')?.value
    const valueNode = entry.children?.get(element.xmlName ?? 'value')
    if (name === undefined || valueNode === undefined) continue
    const value = readNode(element, valueNode, dialect, `${path}.${name}`)
    if (value !== undefined) read[name] = value
  }
  return read
}
