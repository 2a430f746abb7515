// CBOR items to values of a shape and back.

import { CborTime, type CborValue, type CborWriter } from './cbor.ts'
import { wrongType } from './decode-problem.ts'
import { isDate } from './instant.ts'
import { refuseUnknown } from './json-writer.ts'
import { fitsNumber, timestampFromSeconds } from './scalar.ts'
import type { Shape } from './shape.ts'

export const fromCbor = (shape: Shape, value: CborValue, path = ''): unknown => {
  switch (shape.type) {
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'timestamp':
      if (value instanceof CborTime) return timestampFromSeconds(value.seconds, path)
      if (typeof value === 'number') return timestampFromSeconds(value, path)
      break
    case 'blob':
      if (value instanceof Uint8Array) return value
      break
    case 'document':
      break
    case 'structure':
    case 'union':
      if (value instanceof Map) return fromStructure(shape, value as ReadonlyMap<string, CborValue>, path)
      break
    case 'list':
      if (Array.isArray(value)) {
        const present = value.filter((one) => one !== null)
        return present.map((one, index) => fromCbor(shape.element.shape, one, `${path}.${index + 1}`))
      }
      break
    case 'map':
      if (value instanceof Map) return fromMap(shape, value as ReadonlyMap<string, CborValue>, path)
      break
    default: {
      const number = typeof value === 'bigint' ? Number(value) : value
      if (typeof number === 'number' && fitsNumber(shape.type, number)) return number
    }
  }
  throw wrongType(`A ${shape.type} was expected`, path)
}

const fromStructure = (shape: Shape, value: ReadonlyMap<string, CborValue>, path: string): unknown => {
  const read: Record<string, unknown> = {}
  for (const member of shape.members) {
    const one = value.get(member.name)
    if (one === undefined || one === null) continue
    read[member.name] = fromCbor(member.shape, one, path === '' ? member.name : `${path}.${member.name}`)
  }
  return read
}

const fromMap = (shape: Shape, value: ReadonlyMap<string, CborValue>, path: string): unknown => {
  // The caller chooses the keys: "__proto__" must be a key like any other.
  const read: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, one] of value) if (one !== null) read[key] = fromCbor(shape.element.shape, one, `${path}.${key}`)
  return read
}

const present = (value: unknown): boolean => value !== undefined && value !== null

const wrongOutput = (shape: Shape, value: unknown): never => {
  throw new Error(`a ${shape.type} (${shape.name}) was expected in the output, not ${typeof value}`)
}

/** Writes a value; throws (a bug of the operation) when it does not fit its shape. */
export const writeCbor = (writer: CborWriter, shape: Shape, value: unknown, strict: boolean): void => {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? writer.text(value) : wrongOutput(shape, value)
    case 'boolean':
      return typeof value === 'boolean' ? writer.boolean(value) : wrongOutput(shape, value)
    case 'timestamp':
      return isDate(value) ? writer.time(value.getTime() / 1000) : wrongOutput(shape, value)
    case 'blob':
      return value instanceof Uint8Array ? writer.bytes(value) : wrongOutput(shape, value)
    case 'structure':
    case 'union':
      return writeStructure(writer, shape, value, strict)
    case 'list': {
      if (!Array.isArray(value)) return wrongOutput(shape, value)
      const items = value.filter(present)
      writer.list(items.length)
      for (const item of items) writeCbor(writer, shape.element.shape, item, strict)
      return
    }
    case 'map': {
      const entries = Object.entries(value as object).filter(([, one]) => present(one))
      writer.map(entries.length)
      for (const [key, one] of entries) {
        writer.text(key)
        writeCbor(writer, shape.element.shape, one, strict)
      }
      return
    }
    case 'document':
      return wrongOutput(shape, value)
    default:
      return writeNumber(writer, shape, value)
  }
}

const writeNumber = (writer: CborWriter, shape: Shape, value: unknown): void => {
  if (typeof value !== 'number' && typeof value !== 'bigint') return wrongOutput(shape, value)
  const isWhole = typeof value === 'bigint' || Number.isInteger(value)
  if (shape.type === 'double' || shape.type === 'float' || !isWhole) writer.double(Number(value))
  else writer.integer(value)
}

const writeStructure = (writer: CborWriter, shape: Shape, value: unknown, strict: boolean): void => {
  if (typeof value !== 'object' || value === null) return wrongOutput(shape, value)
  if (strict) refuseUnknown(shape, value)
  const record = value as Record<string, unknown>
  const members = shape.members.filter(({ name }) => present(record[name]))
  writer.map(members.length)
  for (const { name, shape: inner } of members) {
    writer.text(name)
    writeCbor(writer, inner, record[name], strict)
  }
}
