// awsJson 1.0 and 1.1: the operation in X-Amz-Target, one JSON object each way.

import { DecodeProblem } from '../decode-problem.ts'
import { jsonWriters } from '../json-writer.ts'
import { parsedJson, readJson } from '../json.ts'
import type { Shape } from '../shape.ts'
import { errorMembers, messageName, queryCode, type Outgoing, type Protocol, type WireError } from './protocol.ts'

const strictWriter = jsonWriters({ names: 'name', strict: true })
const lenientWriter = jsonWriters({ names: 'name', strict: false })

/** A JSON object of that shape; unmodelled members are left out. */
const jsonOf = (shape: Shape, value: unknown, strict: boolean): string =>
  (strict ? strictWriter : lenientWriter)(shape)(value)

const errorText = (error: WireError, strict: boolean): string => {
  const members =
    error.shape === undefined ? JSON.stringify(error.members) : jsonOf(error.shape, errorMembers(error), strict)
  // A message is sent even where the model has no member for it.
  const message = messageName(error) === undefined ? `,"message":${JSON.stringify(error.message)}` : ''
  return `{"__type":${JSON.stringify(error.code)}${message}${members === '{}' ? '}' : `,${members.slice(1)}`}`
}

/** Old clients of a service that once spoke the query protocol still look for its codes. */
const queryError = (error: WireError, { entry, queryMode }: Outgoing): Record<string, string> =>
  queryMode && entry?.queryCompatible
    ? { 'x-amzn-query-error': `${queryCode(error)};${error.fault === 'client' ? 'Sender' : 'Receiver'}` }
    : {}

const awsJson = (version: '1.0' | '1.1'): Protocol => {
  const contentType = `application/x-amz-json-${version}`
  return {
    family: 'json',
    decode: (operation, { request, limits }) => {
      const parsed = parsedJson(request.body, limits.depth)
      if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
        throw new DecodeProblem('wrong-type', 'The request body must be a JSON object.')
      }
      return readJson(operation.input, parsed) as Record<string, unknown>
    },
    encode: (operation, output, { strict }) => ({
      status: 200,
      headers: { 'content-type': contentType },
      body: operation.outputIsUnit ? '{}' : jsonOf(operation.output, output ?? {}, strict),
    }),
    encodeError: (error, outgoing) => ({
      status: error.status,
      headers: { 'content-type': contentType, ...queryError(error, outgoing) },
      body: errorText(error, outgoing.strict),
    }),
  }
}

export const awsJson10 = awsJson('1.0')
export const awsJson11 = awsJson('1.1')
