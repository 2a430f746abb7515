// Values to JSON text: one writer per shape, made on first use and kept.

import { isDate } from './instant.ts'
import { base64 } from './scalar.ts'
import type { Member, Shape } from './shape.ts'

export type JsonWriter = (value: unknown) => string

export interface JsonDialect {
  /** restJson1 gives members another name on the wire. */
  readonly names: 'name' | 'jsonName'
  /** Throw on members the model does not know, which are typing mistakes of ours; otherwise they are dropped. */
  readonly strict: boolean
}

/** One set of writers per dialect: a shape's writer is made once. */
export const jsonWriters = (dialect: JsonDialect): ((shape: Shape) => JsonWriter) => {
  const made = new Map<Shape, JsonWriter>()
  const writerOf = (shape: Shape): JsonWriter => {
    const known = made.get(shape)
    if (known !== undefined) return known
    // Shapes refer to themselves: until this writer is ready, references to it go through the map.
    made.set(shape, (value) => made.get(shape)!(value))
    const writer = compiled(shape, dialect, writerOf)
    made.set(shape, writer)
    return writer
  }
  return writerOf
}

const compiled = (shape: Shape, dialect: JsonDialect, writerOf: (shape: Shape) => JsonWriter): JsonWriter => {
  switch (shape.type) {
    case 'string':
      return writeString
    case 'boolean':
      return (value) => (value === true ? 'true' : value === false ? 'false' : wrongOutput(shape, value))
    case 'timestamp':
      return (value) => (isDate(value) ? String(value.getTime() / 1000) : wrongOutput(shape, value))
    case 'blob':
      return (value) => `"${base64(value)}"`
    case 'document':
      return (value) => JSON.stringify(value)
    case 'list':
      return listWriter(shape, writerOf(shape.element.shape))
    case 'map':
      return mapWriter(shape, writerOf(shape.element.shape))
    case 'structure':
    case 'union':
      return structureWriter(shape, dialect, writerOf)
    default:
      return writeNumber
  }
}

/** An output that does not fit its model is a bug of the operation. */
const wrongOutput = (shape: Shape, value: unknown): never => {
  throw new Error(`a ${shape.type} (${shape.name}) was expected in the output, not ${typeof value}`)
}

const writeString: JsonWriter = (value) => {
  if (typeof value !== 'string') throw new Error(`a string was expected in the output, not ${typeof value}`)
  return quoted(value)
}

// Half the time of JSON.stringify for the short, plain texts that answers are made of. Lone surrogates are left to it.
// oxlint-disable-next-line no-control-regex
const NEEDS_ESCAPES = /["\\\u0000-\u001f\ud800-\udfff]/
const quoted = (text: string): string => (NEEDS_ESCAPES.test(text) ? JSON.stringify(text) : `"${text}"`)

const writeNumber: JsonWriter = (value) => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') throw new Error(`a number was expected in the output, not ${typeof value}`)
  return Number.isFinite(value) ? String(value) : `"${value}"`
}

const listWriter = (shape: Shape, item: JsonWriter): JsonWriter => {
  return (value) => {
    if (!Array.isArray(value)) return wrongOutput(shape, value)
    let text = '['
    for (const one of value) {
      if (one === undefined || one === null) continue
      text += text === '[' ? item(one) : `,${item(one)}`
    }
    return `${text}]`
  }
}

const mapWriter = (shape: Shape, item: JsonWriter): JsonWriter => {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrongOutput(shape, value)
    let text = '{'
    for (const [key, one] of Object.entries(value)) {
      if (one === undefined || one === null) continue
      text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${item(one)}`
    }
    return `${text}}`
  }
}

/** Throws on a member that the model does not know. */
export const refuseUnknown = (shape: Shape, value: object): void => {
  for (const name of Object.keys(value)) {
    if (!shape.byName.has(name) && name !== '$metadata') throw new Error(`${shape.name} has no member ${name}`)
  }
}

const structureWriter = (shape: Shape, dialect: JsonDialect, writerOf: (shape: Shape) => JsonWriter): JsonWriter => {
  const fields = shape.members.map((member: Member) => ({
    name: member.name,
    prefix: `${JSON.stringify(member[dialect.names])}:`,
    write: writerOf(member.shape),
  }))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrongOutput(shape, value)
    if (dialect.strict) refuseUnknown(shape, value)
    let text = '{'
    for (const { name, prefix, write } of fields) {
      const one = (value as Record<string, unknown>)[name]
      if (one === undefined || one === null) continue
      text += text === '{' ? prefix + write(one) : `,${prefix}${write(one)}`
    }
    return `${text}}`
  }
}
