// The query protocol: a form in, XML out.

import { formTree } from '../query-form.ts'
import { readForm } from '../query-reader.ts'
import { xmlElement, xmlEscaped, xmlMembers, type XmlDialect } from '../xml-writer.ts'
import { queryCode, type Outgoing, type Protocol, type WireError } from './protocol.ts'

export const XML_HEADERS = { 'content-type': 'text/xml' }

const dialect = (strict: boolean): XmlDialect => ({ item: 'member', strict })

const namespace = ({ entry }: Outgoing): string =>
  entry?.xmlNamespace === undefined ? '' : ` xmlns="${entry.xmlNamespace}"`

/** The members of a modelled error besides its message. */
const furtherMembers = (error: WireError, strict: boolean): string =>
  (error.shape?.members ?? [])
    .filter((member) => error.members[member.name] !== undefined && member.name.toLowerCase() !== 'message')
    .map((member) => xmlElement(member, member.xmlName ?? member.name, error.members[member.name], dialect(strict)))
    .join('')

/** Shared with restXml, whose errors look the same. */
export const xmlErrorBody = (error: WireError, outgoing: Outgoing): string =>
  `<ErrorResponse${namespace(outgoing)}><Error><Type>${error.fault === 'client' ? 'Sender' : 'Receiver'}</Type>` +
  `<Code>${xmlEscaped(queryCode(error))}</Code><Message>${xmlEscaped(error.message)}</Message>` +
  `${furtherMembers(error, outgoing.strict)}</Error><RequestId>${outgoing.requestId}</RequestId></ErrorResponse>`

export const awsQuery: Protocol = {
  family: 'query',
  decode: (operation, { form, limits }) => readForm(operation.input, formTree(form ?? new Map(), limits), 'query'),
  encode: (operation, output, outgoing) => {
    const { name } = operation
    const result = operation.outputIsUnit
      ? ''
      : `<${name}Result>${xmlMembers(operation.output, output ?? {}, dialect(outgoing.strict))}</${name}Result>`
    const body =
      `<${name}Response${namespace(outgoing)}>${result}` +
      `<ResponseMetadata><RequestId>${outgoing.requestId}</RequestId></ResponseMetadata></${name}Response>`
    return { status: 200, headers: XML_HEADERS, body }
  },
  encodeError: (error, outgoing) => ({
    status: error.status,
    headers: XML_HEADERS,
    body: xmlErrorBody(error, outgoing),
  }),
}
