// Inputs against their model's constraints: what is lacking, too long, too many, or not in the list.

import { PROBLEMS_REPORTED, VALUE_SHOWN_CHARACTERS } from './limits.ts'
import type { Member, Shape } from './shape.ts'

export type Constraint =
  | { readonly kind: 'required' }
  | { readonly kind: 'enum'; readonly allowed: readonly string[] }
  | { readonly kind: 'length-least' | 'length-most' | 'value-least' | 'value-most'; readonly limit: number }
  | { readonly kind: 'pattern'; readonly pattern: string }

export interface Problem {
  /** In Coral's form: "tags.1.member.key"; names start in lower case. */
  readonly path: string
  /** The member's own name, as the model has it. */
  readonly member: string
  /** As an error may repeat it: "'abc'", "null", or stars where the member is sensitive. */
  readonly value: string
  readonly constraint: Constraint
}

/** All problems of an input, in the model's order. */
export const problemsOf = (shape: Shape, input: Readonly<Record<string, unknown>>): Problem[] => {
  const problems: Problem[] = []
  checkStructure(shape, input, '', problems)
  return problems
}

const lowered = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)
const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

const checkStructure = (
  shape: Shape,
  value: Readonly<Record<string, unknown>>,
  path: string,
  problems: Problem[],
): void => {
  for (const member of shape.members) {
    const found = value[member.name]
    if (found !== undefined) check(member, found, joined(path, lowered(member.name)), problems)
    else if (member.required && !member.idempotencyToken) {
      add(problems, member, joined(path, lowered(member.name)), undefined, { kind: 'required' })
    }
  }
}

const check = (member: Member, value: unknown, path: string, problems: Problem[]): void => {
  const { shape } = member
  switch (shape.type) {
    case 'string':
      checkString(member, value as string, path, problems)
      break
    case 'structure':
    case 'union':
      checkStructure(shape, value as Record<string, unknown>, path, problems)
      break
    case 'list': {
      const items = value as readonly unknown[]
      checkSize(member, items.length, value, path, problems)
      items.forEach((item, index) => check(shape.element, item, `${path}.${index + 1}.member`, problems))
      break
    }
    case 'map': {
      const entries = Object.entries(value as Record<string, unknown>)
      checkSize(member, entries.length, value, path, problems)
      for (const [key, item] of entries) {
        check(shape.key, key, `${path}.key`, problems)
        check(shape.element, item, `${path}.${key}.member`, problems)
      }
      break
    }
    case 'blob':
      checkSize(member, (value as Uint8Array).length, value, path, problems)
      break
    case 'boolean':
    case 'timestamp':
    case 'document':
      break
    default:
      checkRange(member, value as number, path, problems)
  }
}

const checkString = (member: Member, value: string, path: string, problems: Problem[]): void => {
  const { shape } = member
  checkSize(member, value.length, value, path, problems)
  if (shape.enum !== undefined && !shape.enum.has(value)) {
    add(problems, member, path, value, { kind: 'enum', allowed: [...shape.enum] })
  }
  if (shape.pattern !== undefined && !shape.pattern.test(value)) {
    add(problems, member, path, value, { kind: 'pattern', pattern: shape.pattern.source.slice(4, -2) })
  }
}

const checkSize = (member: Member, size: number, value: unknown, path: string, problems: Problem[]): void => {
  const { min, max } = member.shape
  if (min !== undefined && size < min) add(problems, member, path, value, { kind: 'length-least', limit: min })
  if (max !== undefined && size > max) add(problems, member, path, value, { kind: 'length-most', limit: max })
}

const checkRange = (member: Member, value: number, path: string, problems: Problem[]): void => {
  const { min, max } = member.shape
  if (min !== undefined && value < min) add(problems, member, path, value, { kind: 'value-least', limit: min })
  if (max !== undefined && value > max) add(problems, member, path, value, { kind: 'value-most', limit: max })
}

const add = (problems: Problem[], member: Member, path: string, value: unknown, constraint: Constraint): void => {
  if (problems.length >= PROBLEMS_REPORTED) return
  problems.push({ path, member: member.name, value: shown(member, value), constraint })
}

const shown = (member: Member, value: unknown): string => {
  if (value === undefined) return 'null'
  if (member.sensitive) return "'***'"
  if (Array.isArray(value))
    return cut(value.every((item) => typeof item === 'string') ? `[${value.join(', ')}]` : '[...]')
  return typeof value === 'string' || typeof value === 'number' ? cut(String(value)) : "'{...}'"
}

const cut = (text: string): string =>
  `'${text.length > VALUE_SHOWN_CHARACTERS ? `${text.slice(0, VALUE_SHOWN_CHARACTERS)}...` : text}'`

const FORMS: Readonly<Record<Constraint['kind'], string>> = {
  required: 'Member must not be null',
  enum: 'Member must satisfy enum value set: ',
  'length-least': 'Member must have length greater than or equal to ',
  'length-most': 'Member must have length less than or equal to ',
  'value-least': 'Member must have value greater than or equal to ',
  'value-most': 'Member must have value less than or equal to ',
  pattern: 'Member must satisfy regular expression pattern: ',
}

const constraintText = (constraint: Constraint): string => {
  const form = FORMS[constraint.kind]
  if (constraint.kind === 'required') return form
  if (constraint.kind === 'enum') return `${form}[${constraint.allowed.join(', ')}]`
  return form + (constraint.kind === 'pattern' ? constraint.pattern : constraint.limit)
}

/** The text that AWS's common framework (Coral) gives. */
export const coralText = (problems: readonly Problem[]): string => {
  const texts = problems.map(
    ({ path, value, constraint }) =>
      `Value ${value} at '${path}' failed to satisfy constraint: ${constraintText(constraint)}`,
  )
  const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`
  return `${count} detected: ${texts.join('; ')}`
}
