// Inputs as a log line may show them: shape and identifiers, never a text that could be a secret.

import { LOGGED_INPUT_CHARACTERS } from './limits.ts'
import type { Member, Shape } from './shape.ts'

// Environment variables, commands and options hold secrets, and the models do not mark them. So a text is shown only
// where its name says that it identifies something.
const IDENTIFIER = /(?:arn|arns|id|ids|cluster|family|taskDefinition|tasks|type|region|status|action|version)$/i

/** A JSON text of limited length. */
export const redacted = (shape: Shape, input: unknown): string =>
  JSON.stringify(shownStructure(shape, input)).slice(0, LOGGED_INPUT_CHARACTERS)

const shownStructure = (shape: Shape, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return `<${typeof value}>`
  const entries = shape.members.flatMap((member) => {
    const one = (value as Record<string, unknown>)[member.name]
    return one === undefined ? [] : [[member.name, shown(member, one, member.name)] as const]
  })
  return Object.fromEntries(entries)
}

const shown = (member: Member, value: unknown, name: string): unknown => {
  const { shape } = member
  if (member.sensitive) return '<sensitive>'
  switch (shape.type) {
    case 'structure':
    case 'union':
      return shownStructure(shape, value)
    case 'list':
      return Array.isArray(value) ? value.map((item) => shown(shape.element, item, name)) : '<list>'
    case 'map':
      return `<map of ${Object.keys(value as object).length}>`
    case 'string':
      return shape.enum !== undefined || IDENTIFIER.test(name) ? value : `<text of ${String(value).length}>`
    case 'blob':
    case 'document':
      return `<${shape.type}>`
    default:
      return value
  }
}
