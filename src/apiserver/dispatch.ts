// Which protocol, API and operation a request is for; it never needs the host name.

import { AwsError } from '#aws/refusal.ts'
import { NAME_SHOWN_CHARACTERS } from './limits.ts'
import type { ServiceEntry } from './model.ts'
import type { Models } from './models.ts'
import { protocolNamed, type Protocol } from './protocols/index.ts'
import type { Form } from './query-form.ts'
import { restRoute } from './rest-router.ts'
import type { ApiModel } from './shape.ts'
import { claimOf, isClaim } from './sigv4.ts'
import { contentType, percentDecoded, queryValue, type WireRequest } from './wire.ts'

/** What the headers alone tell; an error before the body is read goes out in this protocol. */
export type Look = 'cbor' | 'json' | 'form' | 'rest'

type Head = Omit<WireRequest, 'body'>

export interface Destination {
  readonly protocol: Protocol
  readonly model: ApiModel
  readonly operationName: string
  readonly labels: Readonly<Record<string, string>> | undefined
}

const CBOR_PATH = /\/service\/([^/]+)\/operation\/([^/]+)\/?$/

export const lookOf = (head: Head): Look => {
  if (head.headers['smithy-protocol'] === 'rpc-v2-cbor' && CBOR_PATH.test(head.path)) return 'cbor'
  if (head.headers['x-amz-target'] !== undefined) return 'json'
  const type = contentType(head)
  // Action= in the query string counts with any method: presigned addresses of STS are GET or POST.
  if (type === 'application/x-www-form-urlencoded' || queryValue(head.query, 'Action') !== undefined) return 'form'
  return 'rest'
}

/** The protocol to answer in before the API is known. */
export const protocolOfLook = (look: Look, head: Head, models: Models): Protocol => {
  if (look === 'cbor') return protocolNamed('rpcv2Cbor')
  if (look === 'json')
    return protocolNamed(contentType(head) === 'application/x-amz-json-1.0' ? 'awsJson1_0' : 'awsJson1_1')
  const guess = apiByName(head, models, undefined)
  const entry = guess === undefined ? undefined : models.table[guess]
  if (look === 'form') return protocolNamed(entry?.protocol === 'ec2Query' ? 'ec2Query' : 'awsQuery')
  return protocolNamed(entry?.protocol === 'restXml' ? 'restXml' : 'restJson1')
}

/** Throws AwsError when there is no such API. */
export const destinationOf = (
  look: Look,
  request: WireRequest,
  form: Form | undefined,
  models: Models,
): Destination => {
  if (look === 'json') return targetDestination(request, models)
  if (look === 'cbor') return cborDestination(request, models)
  if (look === 'form') return formDestination(request, form, models)
  return restDestination(request, models)
}

const targetDestination = (request: WireRequest, models: Models): Destination => {
  const target = request.headers['x-amz-target'] ?? ''
  const dot = target.lastIndexOf('.')
  const name = apiWhere(models, (entry) => entry.target === target.slice(0, dot))
  if (name === undefined) throw unknownService(request, target.slice(0, Math.max(dot, 0)))
  return destination(protocolOfLook('json', request, models), models.load(name), target.slice(dot + 1))
}

const cborDestination = (request: WireRequest, models: Models): Destination => {
  const [, service, operation] = CBOR_PATH.exec(request.path) ?? []
  const name = apiWhere(models, (entry) => entry.target === service)
  if (name === undefined) throw unknownService(request, service ?? '')
  return destination(protocolNamed('rpcv2Cbor'), models.load(name), operation ?? '')
}

const formDestination = (request: WireRequest, form: Form | undefined, models: Models): Destination => {
  const action = form?.get('Action')
  if (action === undefined || action === '') {
    throw new AwsError('MissingAction', 'The request is missing an action or a required parameter.', { status: 400 })
  }
  const name = apiByName(request, models, form?.get('Version'))
  if (name === undefined) throw unknownService(request, '')
  const isEc2 = models.table[name]!.protocol === 'ec2Query'
  return destination(protocolNamed(isEc2 ? 'ec2Query' : 'awsQuery'), models.load(name), action)
}

const restDestination = (request: WireRequest, models: Models): Destination => {
  const name = apiByName(request, models, undefined)
  const entry = name === undefined ? undefined : models.table[name]
  if (name === undefined || entry === undefined) throw unknownService(request, '')
  const model = models.load(name)
  const isRest = entry.protocol === 'restJson1' || entry.protocol === 'restXml'
  const route = isRest ? restRoute(model, request) : undefined
  if (route === undefined) {
    const message = `${request.method} of this path names no operation of ${name}.`
    throw new AwsError('UnknownOperationException', message, { status: 404 })
  }
  return { ...destination(protocolNamed(entry.protocol), model, route.operation), labels: route.labels }
}

const destination = (protocol: Protocol, model: ApiModel, operationName: string): Destination => ({
  protocol,
  model,
  operationName,
  labels: undefined,
})

const apiWhere = (models: Models, matches: (entry: ServiceEntry) => boolean): string | undefined =>
  Object.keys(models.table).find((name) => matches(models.table[name]!))

/** By the credential's scope, else the host, else the version; where a name stands for two, the version decides. */
const apiByName = (request: Head, models: Models, version: string | undefined): string | undefined => {
  const claim = claimOf(request)
  const named = isClaim(claim) ? claim.service : undefined
  const labels = new Set(hostLabels(request.headers['host'] ?? ''))
  const tests: ((entry: ServiceEntry) => boolean)[] = [
    (entry) => named !== undefined && entry.signingName === named,
    (entry) => entry.hostLabels.every((label) => labels.has(label)),
    (entry) => version !== undefined && entry.version === version,
  ]
  for (const test of tests) {
    const names = Object.keys(models.table).filter((name) => test(models.table[name]!))
    if (names.length > 0) return names.find((name) => models.table[name]!.version === version) ?? names[0]
    // A signature for an API we do not know must not reach another one by its host or version.
    if (named !== undefined) return undefined
  }
  return undefined
}

/** Clients put "data-", "sync-" or "stream-" before the host of some operations. */
const hostLabels = (host: string): string[] =>
  host
    .replace(/:\d+$/, '')
    .toLowerCase()
    .split('.')
    .map((label) => label.replace(/^(?:data|sync|stream)-/, ''))

const unknownService = (request: Head, target: string): AwsError => {
  const claim = claimOf(request)
  const service = isClaim(claim) ? claim.service : target
  const shown =
    percentDecoded(service)
      ?.replace(/[^\w.-]/g, '')
      .slice(0, NAME_SHOWN_CHARACTERS) ?? ''
  return shown === ''
    ? new AwsError('UnknownOperationException', 'The request names no AWS API that is served here.', { status: 404 })
    : new AwsError('NotImplemented', `The AWS API ${shown} is not served here.`, { status: 501, fault: 'server' })
}

/** The refusal of an operation that AWS does not have. */
export const unknownOperation = ({ protocol, operationName }: Destination): AwsError => {
  const name = operationName.slice(0, NAME_SHOWN_CHARACTERS)
  return protocol.family === 'query' || protocol.family === 'ec2'
    ? new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`, { status: 400 })
    : new AwsError('UnknownOperationException', `The operation ${name} does not exist.`, { status: 400 })
}
