// Serves what is not an AWS API: finds the route, checks the signature in the headers, streams both bodies.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Answering } from './answer.ts'
import { authenticated } from './authenticate.ts'
import { routeFor, type Route, type RouteResponse } from './route.ts'
import type { WireRequest } from './wire.ts'

type Head = Omit<WireRequest, 'body'>

/** Rejects only when the connection breaks while the response is under way. */
export const serveRoute = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  head: Head,
  routes: readonly Route[],
  requestId: string,
  answering: Answering,
): Promise<void> => {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  incoming.on('error', () => gone.abort())
  // An upload may take hours, but not stand still.
  incoming.setTimeout(answering.limits.requestTimeoutSeconds * 1000, () => incoming.destroy())
  let response: RouteResponse
  try {
    const found = routeFor(routes, head.path)
    if (found.length === 0) throw new AwsError('NotFound', 'There is nothing at this path.', { status: 404 })
    const route = found.find(({ method }) => method === head.method)
    if (route === undefined) throw new AwsError('MethodNotAllowed', 'This path has other methods.', { status: 405 })
    const caller = route.open ? undefined : await callerOf(head, answering)
    const query = new URLSearchParams(head.query)
    response = await route.handle({ ...head, query, body: incoming, signal: gone.signal }, caller)
  } catch (error) {
    response = refused(error, requestId, answering)
  }
  await sent(incoming, outgoing, response, requestId)
}

const callerOf = async (head: Head, answering: Answering): Promise<Caller> => {
  const expected = { family: 'restJson', service: undefined, payload: 'streamed', unsigned: false } as const
  const { caller } = await authenticated({ ...head, body: Buffer.alloc(0) }, expected, answering.authentication)
  return caller
}

const refused = (error: unknown, requestId: string, { log }: Answering): RouteResponse => {
  if (!(error instanceof AwsError)) log.bug('route-failed', error, { requestId })
  const [code, message, status] =
    error instanceof AwsError
      ? [error.code, error.message, error.status ?? (error.fault === 'client' ? 400 : 500)]
      : ['InternalFailure', 'An internal error has occurred.', 500]
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, message }),
  }
}

const sent = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body = '' }: RouteResponse,
  requestId: string,
): Promise<void> => {
  if (outgoing.destroyed) {
    if (body instanceof Readable) body.destroy()
    return
  }
  const streamed = body instanceof Readable
  outgoing.writeHead(status, {
    ...headers,
    'x-amzn-RequestId': requestId,
    ...(streamed ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...(incoming.complete ? {} : { connection: 'close' }),
  })
  if (streamed) await pipeline(body, outgoing)
  else outgoing.end(body)
}
