// Smithy RPC v2 CBOR: the operation in the path, CBOR both ways.

import { fromCbor, writeCbor } from '../cbor-shape.ts'
import { CborWriter, readCbor } from '../cbor.ts'
import { DecodeProblem } from '../decode-problem.ts'
import { errorMembers, messageName, queryCode, type Protocol } from './protocol.ts'

const HEADERS = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' }

export const rpcV2Cbor: Protocol = {
  family: 'json',
  decode: ({ input }, { request, limits }) => {
    if (request.body.length === 0) return {}
    const value = readCbor(request.body, limits.depth)
    if (!(value instanceof Map)) throw new DecodeProblem('wrong-type', 'The request body must be a CBOR map.')
    return fromCbor(input, value) as Record<string, unknown>
  },
  encode: ({ output: shape }, output, { strict }) => {
    const writer = new CborWriter()
    writeCbor(writer, shape, output ?? {}, strict)
    return { status: 200, headers: HEADERS, body: writer.finished() }
  },
  encodeError: (error, { entry, queryMode, strict }) => {
    const writer = new CborWriter()
    const { shape } = error
    const fields = shape === undefined ? {} : errorMembers(error)
    const members = (shape?.members ?? []).filter(({ name }) => fields[name] !== undefined && fields[name] !== null)
    const withoutMessage = messageName(error) === undefined
    writer.map(members.length + (withoutMessage ? 2 : 1))
    writer.text('__type')
    writer.text(entry === undefined || shape === undefined ? error.code : `${entry.namespace}#${error.code}`)
    if (withoutMessage) {
      writer.text('message')
      writer.text(error.message)
    }
    for (const { name, shape: inner } of members) {
      writer.text(name)
      writeCbor(writer, inner, fields[name], strict)
    }
    const compatible: Record<string, string> =
      queryMode && entry?.queryCompatible
        ? { 'x-amzn-query-error': `${queryCode(error)};${error.fault === 'client' ? 'Sender' : 'Receiver'}` }
        : {}
    return { status: error.status, headers: { ...HEADERS, ...compatible }, body: writer.finished() }
  },
}
