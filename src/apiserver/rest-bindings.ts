// Members of REST inputs and outputs that travel outside the body: in the path, the query string and headers.

import { refuseUnknown } from './json-writer.ts'
import type { Incoming } from './protocols/protocol.ts'
import { scalarFromText, scalarToText } from './scalar.ts'
import type { Member, OperationModel, Shape } from './shape.ts'
import { parsedForm } from './query-form.ts'

/** Reads everything that is not in the body into `read`. */
export const readBound = (input: Shape, incoming: Incoming, read: Record<string, unknown>): void => {
  const { request, labels, limits } = incoming
  // Maps keep the last of a repeated name; lists need them all.
  const query = request.query === '' ? undefined : repeated(request.query, limits)
  for (const member of input.members) {
    const value = boundValue(member, query, labels, request.headers)
    if (value !== undefined) read[member.name] = value
  }
  for (const member of input.members) {
    if (member.binding !== 'queryParams' || query === undefined) continue
    const taken = new Set(input.members.filter(({ binding }) => binding === 'query').map(({ boundName }) => boundName))
    const isList = member.shape.element.shape.type === 'list'
    read[member.name] = Object.fromEntries(
      [...query].filter(([name]) => !taken.has(name)).map(([name, values]) => [name, isList ? values : values[0]]),
    )
  }
}

type Query = ReadonlyMap<string, readonly string[]>

const repeated = (query: string, limits: Incoming['limits']): Query => {
  const values = new Map<string, string[]>()
  let count = 0
  for (const pair of query.split('&', limits.formPairs + 1)) {
    // The same rules and limits as a form, one pair at a time so that repeated names are kept.
    for (const [name, value] of parsedForm(pair, { formPairs: limits.formPairs - count++ })) {
      const known = values.get(name)
      if (known === undefined) values.set(name, [value])
      else known.push(value)
    }
  }
  return values
}

const boundValue = (
  member: Member,
  query: Query | undefined,
  labels: Incoming['labels'],
  headers: Readonly<Record<string, string>>,
): unknown => {
  switch (member.binding) {
    case 'label': {
      const text = labels?.[member.name]
      return text === undefined ? undefined : scalarFromText(member.shape, text, member.name)
    }
    case 'query':
      return fromTexts(member, query?.get(member.boundName))
    case 'header': {
      const text = headers[member.boundName.toLowerCase()]
      if (text === undefined) return undefined
      return fromTexts(member, member.shape.type === 'list' ? text.split(',').map((part) => part.trim()) : [text])
    }
    case 'prefixHeaders': {
      const prefix = member.boundName.toLowerCase()
      const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
      return found.length === 0
        ? undefined
        : Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]))
    }
    default:
      return undefined
  }
}

const fromTexts = (member: Member, texts: readonly string[] | undefined): unknown => {
  if (texts === undefined) return undefined
  if (member.shape.type !== 'list') return scalarFromText(member.shape, texts[0]!, member.name)
  return texts.map((text) => scalarFromText(member.shape.element.shape, text, member.name))
}

export interface BoundOutput {
  readonly status: number
  readonly headers: Record<string, string>
}

/** The status and the headers of an output. */
export const writeBound = (operation: OperationModel, output: object, strict: boolean): BoundOutput => {
  if (strict) refuseUnknown(operation.output, output)
  const headers: Record<string, string> = {}
  let status = operation.http[2]
  for (const member of operation.output.members) {
    const value = (output as Record<string, unknown>)[member.name]
    if (value === undefined || value === null) continue
    if (member.binding === 'status') status = Number(value)
    if (member.binding === 'header') headers[member.boundName.toLowerCase()] = headerText(member, value)
    if (member.binding === 'prefixHeaders') {
      for (const [name, text] of Object.entries(value)) headers[member.boundName.toLowerCase() + name] = String(text)
    }
  }
  return { status, headers }
}

const headerText = (member: Member, value: unknown): string =>
  Array.isArray(value)
    ? value.map((item) => scalarToText(member.shape.element, item, 'http-date')).join(', ')
    : scalarToText(member, value, 'http-date')

/** The member that is the body itself, if the shape has one. */
export const payloadOf = (shape: Shape): Member | undefined =>
  shape.members.find(({ binding }) => binding === 'payload')
