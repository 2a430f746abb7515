// restXml: the operation in method and path, XML in the body (Route 53, S3).

import { payloadOf, readBound, writeBound } from '../rest-bindings.ts'
import type { Member, Shape } from '../shape.ts'
import { readXml } from '../xml-reader.ts'
import { xmlMembers, type XmlDialect } from '../xml-writer.ts'
import { parsedXml } from '../xml.ts'
import { xmlErrorBody } from './aws-query.ts'
import type { Incoming, Outgoing, Protocol } from './protocol.ts'
import { rawPayload } from './rest-json.ts'

const HEADERS = { 'content-type': 'text/xml' }
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

const readBody = (input: Shape, { request, limits }: Incoming): Record<string, unknown> => {
  const payload = payloadOf(input)
  if (request.body.length === 0) return {}
  if (payload !== undefined && (payload.shape.type === 'blob' || payload.shape.type === 'string')) {
    return { [payload.name]: payload.shape.type === 'blob' ? request.body : request.body.toString('utf8') }
  }
  const root = parsedXml(request.body.toString('utf8'), limits.depth)
  return payload === undefined ? readXml(input, root) : { [payload.name]: readXml(payload.shape, root, payload.name) }
}

const rootElement = (name: string, shape: Shape, value: unknown, { entry, strict }: Outgoing): string => {
  const dialect: XmlDialect = { item: 'member', strict }
  const namespace = entry?.xmlNamespace === undefined ? '' : ` xmlns="${entry.xmlNamespace}"`
  return `${DECLARATION}<${name}${namespace}>${xmlMembers(shape, value, dialect)}</${name}>`
}

/** On a payload the member's own name counts first, then the shape's. */
const payloadName = (payload: Member): string => payload.xmlName ?? payload.shape.xmlName ?? payload.shape.name

export const restXml: Protocol = {
  family: 'restXml',
  decode: ({ input }, incoming) => {
    const read = readBody(input, incoming)
    readBound(input, incoming, read)
    return read
  },
  encode: (operation, output, outgoing) => {
    const value = (output ?? {}) as Record<string, unknown>
    const { status, headers } = writeBound(operation, value, outgoing.strict)
    const all = { ...headers, 'x-amz-request-id': outgoing.requestId }
    const { output: shape } = operation
    const payload = payloadOf(shape)
    if (status === 204 || operation.outputIsUnit) return { status, headers: all, body: '' }
    if (payload === undefined) {
      const hasBody = shape.members.some(({ binding }) => binding === 'body')
      const body = hasBody ? rootElement(shape.xmlName ?? shape.name, shape, value, outgoing) : ''
      return { status, headers: hasBody ? { ...HEADERS, ...all } : all, body }
    }
    const found = value[payload.name]
    if (payload.shape.type === 'blob' || payload.shape.type === 'string') {
      return { status, headers: all, body: found === undefined ? '' : rawPayload(found) }
    }
    const body = rootElement(payloadName(payload), payload.shape, found ?? {}, outgoing)
    return { status, headers: { ...HEADERS, ...all }, body }
  },
  encodeError: (error, outgoing) => ({
    status: error.status,
    headers: { ...HEADERS, 'x-amz-request-id': outgoing.requestId },
    body: DECLARATION + xmlErrorBody(error, outgoing),
  }),
}
