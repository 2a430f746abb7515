// What a wire protocol does: reads an input, writes an output, writes an error. One file per protocol beside this one.

import type { Fault } from '#aws/refusal.ts'
import type { Limits } from '../limits.ts'
import type { ServiceEntry } from '../model.ts'
import type { Form } from '../query-form.ts'
import type { OperationModel, Shape } from '../shape.ts'
import type { WireRequest, WireResponse } from '../wire.ts'

export interface Incoming {
  /** Its body is already unzipped. */
  readonly request: WireRequest
  /** Of a query protocol: parsed for dispatch, used again for the input. */
  readonly form: Form | undefined
  /** Of a REST protocol: the decoded labels of the path. */
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly limits: Limits
}

/** What a response depends on, besides its content. */
export interface Outgoing {
  readonly requestId: string
  /** Undefined when the API could not be told. */
  readonly entry: ServiceEntry | undefined
  /** Throw on output members that the model does not know. */
  readonly strict: boolean
  /** The client asked for the old query error codes: x-amzn-query-mode. */
  readonly queryMode: boolean
}

/** A refusal ready for the wire. */
export interface WireError {
  readonly code: string
  readonly message: string
  readonly status: number
  readonly fault: Fault
  readonly members: Readonly<Record<string, unknown>>
  /** The modelled shape, if the API models this error. */
  readonly shape: Shape | undefined
}

export interface Protocol {
  /** Which family of codes authentication answers with. */
  readonly family: 'json' | 'restJson' | 'query' | 'ec2' | 'restXml'
  /** Throws DecodeProblem. */
  decode(operation: OperationModel, incoming: Incoming): Record<string, unknown>
  encode(operation: OperationModel, output: unknown, outgoing: Outgoing): WireResponse
  encodeError(error: WireError, outgoing: Outgoing): WireResponse
}

/** The code in query protocols and for query-compatible clients. */
export const queryCode = (error: WireError): string => error.shape?.error?.queryCode ?? error.code

/** The member that holds the message is "message" or "Message", per shape; undefined where there is none. */
export const messageName = (error: WireError): string | undefined =>
  ['message', 'Message'].find((name) => error.shape?.byName.has(name))

/** The error's members with its message among them, if its shape has a place for it. */
export const errorMembers = (error: WireError): Record<string, unknown> => {
  const name = messageName(error)
  return name === undefined ? { ...error.members } : { ...error.members, [name]: error.message }
}
