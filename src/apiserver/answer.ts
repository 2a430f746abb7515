// One AWS call from bytes to bytes: route, authenticate, decode, validate, authorize, call, encode.

import { partitionOf } from '#aws/scope.ts'
import type { Api, Call, Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Log } from '#base/log.ts'
import { authenticated, type Authentication } from './authenticate.ts'
import { ClientGone, unzipped } from './body.ts'
import { DecodeProblem } from './decode-problem.ts'
import { destinationOf, lookOf, protocolOfLook, unknownOperation, type Destination, type Look } from './dispatch.ts'
import type { Limits } from './limits.ts'
import type { Models } from './models.ts'
import type { Outgoing, Protocol } from './protocols/protocol.ts'
import { parsedForm, type Form } from './query-form.ts'
import { redacted } from './redact.ts'
import type { ApiModel, OperationModel } from './shape.ts'
import { problemsOf } from './validate.ts'
import type { WireRequest, WireResponse } from './wire.ts'
import { wordingOf } from './wording.ts'

/** Everything of a Call that does not come from the request. */
export type CallParts = Omit<Call, 'scope' | 'caller' | 'requestId'>

/** Throws AwsError when the caller may not: `action` is "ecs:RunTask". */
export type Authorize = (action: string, caller: Caller, call: Call, input: unknown) => Promise<void>

export interface Answering {
  readonly models: Models
  readonly apis: ReadonlyMap<string, Api>
  readonly parts: CallParts
  readonly authentication: Authentication
  readonly authorize: Authorize | undefined
  readonly limits: Limits
  readonly strictOutput: boolean
  readonly log: Log
}

/** What is known so far of a call; a failure is worded with what there is. */
interface Progress {
  protocol: Protocol
  model: ApiModel | undefined
  operation: string | undefined
  input: unknown
  caller: Caller | undefined
}

/** Rejects with ClientGone alone: every other failure is an answer. */
export const answer = async (
  head: Omit<WireRequest, 'body'>,
  body: () => Promise<Buffer>,
  requestId: string,
  options: Answering,
): Promise<WireResponse> => {
  const look = lookOf(head)
  const progress: Progress = {
    protocol: protocolOfLook(look, head, options.models),
    model: undefined,
    operation: undefined,
    input: undefined,
    caller: undefined,
  }
  const outgoing = (): Outgoing => ({
    requestId,
    entry: progress.model?.entry,
    strict: options.strictOutput,
    queryMode: head.headers['x-amzn-query-mode'] === 'true',
  })
  try {
    const request = { ...head, body: await body() }
    const operation = await stages(look, request, requestId, progress, options)
    return progress.protocol.encode(operation.model, operation.output, outgoing())
  } catch (error) {
    if (error instanceof ClientGone) throw error
    return failure(error, progress, outgoing(), options)
  }
}

const stages = async (
  look: Look,
  request: WireRequest,
  requestId: string,
  progress: Progress,
  options: Answering,
): Promise<{ model: OperationModel; output: unknown }> => {
  const { limits, models } = options
  const plain = { ...request, body: await unzipped(request.body, request.headers['content-encoding'], limits) }
  const form = look === 'form' ? formOf(plain, limits) : undefined
  const target = destinationOf(look, plain, form, models)
  progress.protocol = target.protocol
  progress.model = target.model
  progress.operation = target.operationName
  const identity = await authenticated(request, expectation(target), options.authentication)
  progress.caller = identity.caller
  const { operation, run } = implemented(target, options)
  const input = target.protocol.decode(operation, { request: plain, form, labels: target.labels, limits })
  progress.input = input
  const problems = problemsOf(operation.input, input)
  if (problems.length > 0) throw wordingOf(target.model.name, target.protocol.family).invalid(problems)
  const { region, caller } = identity
  const scope = { partition: partitionOf(region), region, account: caller.account }
  const call: Call = { ...options.parts, scope, caller, requestId }
  await options.authorize?.(`${target.model.entry.signingName}:${operation.name}`, caller, call, input)
  return { model: operation, output: await run(input as never, call) }
}

/** A presigned call of a query API has its parameters in the address. */
const formOf = (request: WireRequest, limits: Limits): Form => {
  const text = request.body.toString('utf8')
  return parsedForm(request.query === '' ? text : `${request.query}&${text}`, limits)
}

const expectation = (target: Destination): Parameters<typeof authenticated>[1] => ({
  family: target.protocol.family,
  service: target.model.entry.signingName,
  payload: 'hashed',
  unsigned: target.model.operation(target.operationName)?.unsigned === true,
})

/** Throws AwsError for an operation that AWS has not, or that we have not. */
const implemented = (target: Destination, options: Answering) => {
  const { model, operationName, protocol } = target
  if (!model.exists(operationName)) throw unknownOperation(target)
  const run = options.apis.get(model.name)?.operations[operationName]
  const operation = model.operation(operationName)
  if (run !== undefined && operation !== undefined) return { operation, run }
  const code = protocol.family === 'ec2' ? 'UnsupportedOperation' : 'NotImplemented'
  throw new AwsError(code, `The operation ${operationName} of ${model.name} is not implemented here.`, {
    status: 501,
    fault: 'server',
  })
}

const failure = (error: unknown, progress: Progress, outgoing: Outgoing, options: Answering): WireResponse => {
  const wording = wordingOf(progress.model?.name, progress.protocol.family)
  const refusal = error instanceof DecodeProblem ? wording.unreadable(error) : error
  if (refusal instanceof AwsError) {
    try {
      return encodedRefusal(refusal, progress, outgoing)
    } catch (bug) {
      // A refusal with members that its shape does not know.
      return bugResponse(bug, wording.serverError, progress, outgoing, options)
    }
  }
  return bugResponse(error, wording.serverError, progress, outgoing, options)
}

const encodedRefusal = (refusal: AwsError, progress: Progress, outgoing: Outgoing): WireResponse => {
  const shape = progress.model?.error(refusal.code)
  const { code, message, fault, members } = refusal
  const status = refusal.status ?? shape?.error?.status ?? (fault === 'client' ? 400 : 500)
  return progress.protocol.encodeError({ code, message, fault, members, status, shape }, outgoing)
}

/** The caller learns nothing of our insides; the log learns everything but secrets. */
const bugResponse = (
  error: unknown,
  code: string,
  progress: Progress,
  outgoing: Outgoing,
  options: Answering,
): WireResponse => {
  const shape = progress.operation === undefined ? undefined : progress.model?.operation(progress.operation)?.input
  options.log.bug('call-failed', error, {
    api: progress.model?.name,
    operation: progress.operation,
    requestId: outgoing.requestId,
    caller: progress.caller?.arn,
    input: shape === undefined || progress.input === undefined ? undefined : redacted(shape, progress.input),
  })
  const message = 'An internal error has occurred.'
  return encodedRefusal(new AwsError(code, message, { fault: 'server', status: 500 }), progress, outgoing)
}
