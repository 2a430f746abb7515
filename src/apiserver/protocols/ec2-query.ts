// EC2's own query protocol: lists are always flat, names are capitalised, codes are free text.

import { formTree } from '../query-form.ts'
import { readForm } from '../query-reader.ts'
import { xmlEscaped, xmlMembers } from '../xml-writer.ts'
import { queryCode, type Protocol } from './protocol.ts'

const HEADERS = { 'content-type': 'text/xml;charset=UTF-8' }
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

export const ec2Query: Protocol = {
  family: 'ec2',
  decode: (operation, { form, limits }) => readForm(operation.input, formTree(form ?? new Map(), limits), 'ec2'),
  encode: ({ name, output: shape, outputIsUnit }, output, { requestId, entry, strict }) => {
    const members = outputIsUnit ? '<return>true</return>' : xmlMembers(shape, output ?? {}, { item: 'item', strict })
    const body =
      `${DECLARATION}<${name}Response xmlns="${entry?.xmlNamespace ?? ''}">` +
      `<requestId>${requestId}</requestId>${members}</${name}Response>`
    return { status: 200, headers: HEADERS, body }
  },
  encodeError: (error, { requestId }) => ({
    status: error.status,
    headers: HEADERS,
    body:
      `${DECLARATION}<Response><Errors><Error><Code>${xmlEscaped(queryCode(error))}</Code>` +
      `<Message>${xmlEscaped(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
}
