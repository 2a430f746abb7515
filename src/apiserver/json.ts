// JSON bodies to values: every member checked against its shape, nothing unknown let through.

import { DecodeProblem, wrongType } from './decode-problem.ts'
import { blobFromText, fitsNumber, specialNumber, timestampFromSeconds, timestampFromText } from './scalar.ts'
import type { Member, Shape } from './shape.ts'

const [QUOTE, BACKSLASH, OPEN_LIST, OPEN_MAP, CLOSE_LIST, CLOSE_MAP] = [0x22, 0x5c, 0x5b, 0x7b, 0x5d, 0x7d]

/** Throws before JSON.parse spends memory on a body that is nothing but brackets. */
const refuseDeepNesting = (body: Buffer, depthLimit: number): void => {
  let depth = 0
  let inString = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN_LIST || byte === OPEN_MAP) {
      if (++depth > depthLimit)
        throw new DecodeProblem('too-large', `The request nests deeper than ${depthLimit} levels.`)
    } else if (byte === CLOSE_LIST || byte === CLOSE_MAP) depth--
  }
}

/** An empty body is an empty object. */
export const parsedJson = (body: Buffer, depthLimit: number): unknown => {
  if (body.length === 0) return {}
  refuseDeepNesting(body, depthLimit)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // The parser's message repeats the caller's bytes; they may hold a secret.
    throw new DecodeProblem('malformed', 'The request body is not valid JSON.')
  }
}

const FOUND: Readonly<Record<string, string>> = {
  string: 'STRING_VALUE',
  number: 'NUMBER_VALUE',
  boolean: 'TRUE_VALUE',
}

const EXPECTED: Readonly<Record<string, string>> = {
  list: 'Expected list or null',
  map: 'Expected map or null',
  structure: 'Expected null',
  union: 'Expected null',
}

/** Coral's texts, as DynamoDB and ECS send them. */
const mismatch = (shape: Shape, value: unknown, path: string): DecodeProblem => {
  if (Array.isArray(value)) return wrongType('Start of list found where not expected', path)
  if (typeof value === 'object') return wrongType('Start of structure or map found where not expected.', path)
  const found = value === false ? 'FALSE_VALUE' : FOUND[typeof value]
  const compound = EXPECTED[shape.type]
  if (compound !== undefined) return wrongType(compound, path)
  const wanted =
    shape.type === 'integer' ? 'an Integer' : `a ${shape.type.charAt(0).toUpperCase()}${shape.type.slice(1)}`
  return wrongType(`${found} can not be converted to ${wanted}`, path)
}

/** `names` is 'jsonName' for restJson1, whose members may have another name on the wire. */
export const readJson = (shape: Shape, value: unknown, path = '', names: 'name' | 'jsonName' = 'name'): unknown => {
  switch (shape.type) {
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'timestamp':
      if (typeof value === 'number') return timestampFromSeconds(value, path)
      if (typeof value === 'string') return timestampFromText(value, path)
      break
    case 'blob':
      if (typeof value === 'string') return blobFromText(value, path)
      break
    case 'document':
      return value
    case 'structure':
    case 'union':
      if (isObject(value)) return readStructure(shape, value, path, names)
      break
    case 'list':
      if (Array.isArray(value)) {
        const item = shape.element.shape
        const present = value.filter((one) => one !== null)
        return present.map((one, index) => readJson(item, one, `${path}.${index + 1}`, names))
      }
      break
    case 'map':
      if (isObject(value)) return readMap(shape.element, value, path, names)
      break
    default:
      return readNumber(shape, value, path)
  }
  throw mismatch(shape, value, path)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readNumber = (shape: Shape, value: unknown, path: string): number => {
  if (typeof value === 'number' && fitsNumber(shape.type, value)) return value
  if (typeof value === 'string' && (shape.type === 'float' || shape.type === 'double')) {
    const special = specialNumber(value)
    if (special !== undefined) return special
  }
  throw mismatch(shape, value, path)
}

/** Unknown members are ignored: clients can be newer than we are. Null is absence. */
const readStructure = (
  shape: Shape,
  value: Record<string, unknown>,
  path: string,
  names: 'name' | 'jsonName',
): unknown => {
  const read: Record<string, unknown> = {}
  for (const member of shape.members) {
    const name = member[names]
    if (!Object.hasOwn(value, name)) continue
    const found = value[name]
    if (found !== null) read[member.name] = readJson(member.shape, found, path === '' ? name : `${path}.${name}`, names)
  }
  return read
}

const readMap = (
  element: Member,
  value: Record<string, unknown>,
  path: string,
  names: 'name' | 'jsonName',
): unknown => {
  // The caller chooses the keys: "__proto__" must be a key like any other.
  const read: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) {
    if (value[key] !== null) read[key] = readJson(element.shape, value[key], `${path}.${key}`, names)
  }
  return read
}
