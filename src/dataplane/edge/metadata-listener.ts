// The HTTP side of task metadata in one VPC: bounded requests in, answers out. What the answers say is not known here.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from '#base/http.ts'
import type { Log } from '#base/log.ts'
import { listeningSocket } from '#linux/network-socket.ts'
import type { AnswerMetadata, EdgeVpc, MetadataResponse } from './contract.ts'
import * as limits from './limits.ts'
import { limitPerSource } from './per-source.ts'

const PORT = 80
const TOO_LARGE: MetadataResponse = { status: 413, headers: {}, body: '' }
const BROKEN: MetadataResponse = { status: 500, headers: {}, body: '' }

export interface MetadataListenerOptions {
  readonly log: Log
  readonly answer: AnswerMetadata
  /** The document of the interface with that address in this VPC. */
  readonly documentOf: (ip: string) => unknown
}

/** undefined when it is longer than allowed. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > limits.HTTP_BODY_BYTES) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const send = (response: ServerResponse, { status, headers, body }: MetadataResponse): void => {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

export const metadataListener = (vpc: EdgeVpc, options: MetadataListenerOptions): Server => {
  const answered = async (request: IncomingMessage): Promise<MetadataResponse> => {
    const body = await bodyOf(request)
    if (body === undefined) return TOO_LARGE
    const ip = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
    const { method = 'GET', url: path = '/', headers } = request
    return options.answer({ method, path, headers, body, caller: { vpcId: vpc.id, ip } }, options.documentOf(ip))
  }
  const server = createServer(
    {
      maxHeaderSize: limits.HTTP_HEADER_BYTES,
      requestTimeout: limits.HTTP_REQUEST_SECONDS * 1000,
      headersTimeout: limits.HTTP_REQUEST_SECONDS * 1000,
      keepAliveTimeout: limits.HTTP_KEEP_ALIVE_SECONDS * 1000,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      answered(request).then(
        (answer) => send(response, answer),
        (error: unknown) => {
          // A request that broke off is the task's own affair.
          if (request.destroyed && !request.complete) return
          options.log.bug('metadata-failed', error, { vpc: vpc.id })
          send(response, BROKEN)
        },
      )
    },
  )
  limitPerSource(server, limits.HTTP_CONNECTIONS_PER_SOURCE)
  server.listen({ fd: listeningSocket(vpc.namespacePath, vpc.metadataAddress, PORT) })
  return server
}
