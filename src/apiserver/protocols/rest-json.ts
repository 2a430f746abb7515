// restJson1: the operation in method and path, JSON in the body.

import { DecodeProblem } from '../decode-problem.ts'
import { jsonWriters } from '../json-writer.ts'
import { parsedJson, readJson } from '../json.ts'
import { payloadOf, readBound, writeBound } from '../rest-bindings.ts'
import type { Shape } from '../shape.ts'
import { errorMembers, messageName, type Incoming, type Protocol } from './protocol.ts'

const JSON_HEADERS = { 'content-type': 'application/json' }

const strictWriter = jsonWriters({ names: 'jsonName', strict: true })
const lenientWriter = jsonWriters({ names: 'jsonName', strict: false })

/** Only what is in the body: the writer must not repeat what went into headers. */
const bodyPart = (shape: Shape, output: object): object => {
  const bound = shape.members.filter(({ binding }) => binding !== 'body').map(({ name }) => name)
  return bound.length === 0
    ? output
    : Object.fromEntries(Object.entries(output).filter(([name]) => !bound.includes(name)))
}

const readBody = (input: Shape, { request, limits }: Incoming): Record<string, unknown> => {
  const payload = payloadOf(input)
  if (payload !== undefined && payload.shape.type !== 'structure' && payload.shape.type !== 'union') {
    if (request.body.length === 0) return {}
    return { [payload.name]: payload.shape.type === 'blob' ? request.body : request.body.toString('utf8') }
  }
  const parsed = parsedJson(request.body, limits.depth)
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new DecodeProblem('wrong-type', 'The request body must be a JSON object.')
  }
  if (payload !== undefined) return { [payload.name]: readJson(payload.shape, parsed, payload.name, 'jsonName') }
  // A member that belongs in the path or in a header does not count when it is in the body.
  return bodyPart(input, readJson(input, parsed, '', 'jsonName') as object) as Record<string, unknown>
}

export const restJson1: Protocol = {
  family: 'restJson',
  decode: ({ input }, incoming) => {
    const read = readBody(input, incoming)
    readBound(input, incoming, read)
    return read
  },
  encode: (operation, output, { strict }) => {
    const value = (output ?? {}) as Record<string, unknown>
    const { status, headers } = writeBound(operation, value, strict)
    const write = strict ? strictWriter : lenientWriter
    const payload = payloadOf(operation.output)
    if (status === 204) return { status, headers, body: '' }
    if (payload === undefined) {
      const body = operation.outputIsUnit ? '' : write(operation.output)(bodyPart(operation.output, value))
      return { status, headers: { ...JSON_HEADERS, ...headers }, body }
    }
    const found = value[payload.name]
    if (payload.shape.type === 'blob' || payload.shape.type === 'string') {
      return { status, headers, body: found === undefined ? '' : rawPayload(found) }
    }
    return { status, headers: { ...JSON_HEADERS, ...headers }, body: write(payload.shape)(found ?? {}) }
  },
  encodeError: (error, { strict }) => {
    const write = strict ? strictWriter : lenientWriter
    const members =
      error.shape === undefined || messageName(error) === undefined
        ? JSON.stringify({ ...error.members, message: error.message })
        : write(error.shape)(errorMembers(error))
    return { status: error.status, headers: { ...JSON_HEADERS, 'x-amzn-errortype': error.code }, body: members }
  },
}

/** Bytes or text that are the whole body. */
export const rawPayload = (value: unknown): string | Buffer => {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  throw new Error(`bytes or text were expected as the whole output, not ${typeof value}`)
}
