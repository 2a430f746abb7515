// Listens, and hands each request to the AWS stages or to a route of our own.

import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { createServer } from '#base/http.ts'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Api } from '#aws/operation.ts'
import { answer, type Answering, type Authorize, type CallParts } from './answer.ts'
import { ClientGone, readBody } from './body.ts'
import type { CredentialSource } from './credentials.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { MODELS_FOLDER, modelsIn } from './models.ts'
import { ROUTE_PREFIX, type Route } from './route.ts'
import { serveRoute } from './serve-route.ts'
import type { WireRequest, WireResponse } from './wire.ts'

export interface ApiServerOptions extends CallParts {
  readonly apis: readonly Api[]
  readonly credentials: CredentialSource
  /** `off` lets anyone in. */
  readonly auth: 'on' | 'off'
  /** The account of unknown callers when `auth` is off; twelve digits. */
  readonly account: string
  /** Without it, every authenticated caller may do everything in their account. */
  readonly authorize?: Authorize
  /** What is served under /_neargate/, besides health. */
  readonly routes?: readonly Route[]
  /** Speaks TLS on the same port, and nothing else; both in PEM form. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** For tests: an output member that the model does not know is a bug, instead of being left out. */
  readonly strictOutput?: boolean
  readonly limits?: Partial<Limits>
  /** Folders of models besides our own. */
  readonly modelFolders?: readonly string[]
}

export interface ApiServer {
  /** Resolves with the port in use, which port 0 leaves to the system. Rejects when the address is taken. */
  listen(port: number, host: string): Promise<{ readonly port: number }>
  /** Refuses new connections, gives calls under way a moment, then ends them. */
  close(): Promise<void>
}

export const createApiServer = (options: ApiServerOptions): ApiServer => {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const answering = answeringOf(options, limits)
  const routes: readonly Route[] = [health, ...(options.routes ?? [])]
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // A broken connection is the client's business; without a listener it would end the process.
    outgoing.on('error', () => {})
    handled(incoming, outgoing, routes, answering).catch((error: unknown) => {
      if (!(error instanceof ClientGone)) options.log.bug('request-failed', error)
      outgoing.destroy()
    })
  }
  const server = listener(options, limits, serve)
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          server.on('error', (error) => options.log.bug('listener-failed', error))
          resolve({ port: (server.address() as AddressInfo).port })
        })
      }),
    close: () => closed(server, options, limits),
  }
}

const answeringOf = (options: ApiServerOptions, limits: Limits): Answering => {
  const { store, logs, clock, random, log, settings, vault, authority, capacity } = options
  const parts = { store, logs, clock, random, log, settings, vault, authority }
  const models = modelsIn(MODELS_FOLDER, ...(options.modelFolders ?? []))
  const strangers = options.apis.filter(({ name }) => models.table[name] === undefined)
  if (strangers.length > 0) throw new Error(`there is no model of ${strangers.map(({ name }) => name).join(', ')}`)
  return {
    models,
    apis: new Map(options.apis.map((api) => [api.name, api])),
    parts: capacity === undefined ? parts : { ...parts, capacity },
    authentication: options,
    authorize: options.authorize,
    limits,
    strictOutput: options.strictOutput ?? false,
    log,
  }
}

const listener = (
  options: ApiServerOptions,
  limits: Limits,
  serve: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server => {
  const http: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerTimeoutSeconds * 1000,
    // Bodies are timed where they are read: an upload may take longer than a call.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutSeconds * 1000,
    connectionsCheckingInterval: 1000,
  }
  const server = options.tls === undefined ? createServer(http) : createTlsServer({ ...http, ...options.tls })
  server.maxRequestsPerSocket = limits.requestsPerConnection
  server.on('request', serve)
  // With a listener we decide: a body that will be refused is not asked for.
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const announced = Number(incoming.headers['content-length'] ?? 0)
    if (announced <= limits.bodyBytes || incoming.url?.startsWith(ROUTE_PREFIX)) outgoing.writeContinue()
    serve(incoming, outgoing)
  })
  server.on('clientError', refuseBrokenRequest)
  return server
}

const BROKEN_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What is not HTTP gets a bare answer and the end of its connection: what follows cannot be trusted. */
const refuseBrokenRequest = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = BROKEN_STATUS[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const closed = async (server: Server, options: ApiServerOptions, limits: Limits): Promise<void> => {
  if (!server.listening) return
  const done = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const waiting = new AbortController()
  const patience = options.clock
    .sleep(limits.closeTimeoutSeconds, waiting.signal)
    .then(() => server.closeAllConnections())
  await done
  waiting.abort()
  await patience
}

const health: Route = {
  method: 'GET',
  path: `${ROUTE_PREFIX}health`,
  open: true,
  handle: async () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"status":"ok"}',
  }),
}

const handled = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  routes: readonly Route[],
  answering: Answering,
): Promise<void> => {
  const requestId = answering.parts.random.uuid()
  const head = headOf(incoming)
  if (head.path.startsWith(ROUTE_PREFIX)) return serveRoute(incoming, outgoing, head, routes, requestId, answering)
  const response = await answer(
    head,
    () => readBody(incoming, answering.limits, answering.parts.clock),
    requestId,
    answering,
  )
  send(incoming, outgoing, response, requestId)
}

const headOf = (incoming: IncomingMessage): Omit<WireRequest, 'body'> => {
  const url = incoming.url ?? '/'
  const at = url.indexOf('?')
  // A header may be called "__proto__".
  const headers = Object.create(null) as Record<string, string>
  const raw = incoming.rawHeaders
  // Twice as fast as `headersDistinct`, and nothing that was signed is left out as in `headers`.
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase()
    const earlier = headers[name]
    headers[name] = earlier === undefined ? raw[at + 1]! : `${earlier},${raw[at + 1]!}`
  }
  return {
    method: incoming.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers,
  }
}

const send = (incoming: IncomingMessage, outgoing: ServerResponse, response: WireResponse, requestId: string): void => {
  if (outgoing.destroyed) return
  const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body
  outgoing.writeHead(response.status, {
    ...response.headers,
    'x-amzn-RequestId': requestId,
    ...(response.status === 204 ? {} : { 'content-length': body.length }),
    // The rest of a body that was refused is not read: the connection cannot be used again.
    ...(incoming.complete ? {} : { connection: 'close' }),
  })
  outgoing.end(incoming.method === 'HEAD' ? undefined : body)
}
