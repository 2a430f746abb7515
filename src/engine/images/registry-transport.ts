// One HTTP request to a registry; failures of the network are told in the words that Go's clients use.

import type { IncomingMessage } from 'node:http'
import { Agent as HttpAgent, request as httpRequest } from '#base/http.ts'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { getCACertificates } from 'node:tls'
import { Fault } from '#base/fault.ts'
import { REGISTRY_CONNECT_SECONDS, REGISTRY_CONNECTIONS, REGISTRY_IDLE_SECONDS } from './limits.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

export interface Timeouts {
  /** Until the connection stands, TLS included. Seconds. */
  readonly connectSeconds: number
  /** Without a byte from the other side. Seconds. */
  readonly idleSeconds: number
}

export const REGISTRY_TIMEOUTS: Timeouts = {
  connectSeconds: REGISTRY_CONNECT_SECONDS,
  idleSeconds: REGISTRY_IDLE_SECONDS,
}

/** Keeps connections; knows the certificate authorities of Node and of the host. */
export class Transport {
  readonly #timeouts: Timeouts
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: REGISTRY_CONNECTIONS })
  #https: HttpsAgent | undefined

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts
  }

  /** Resolves with the head of the answer, whatever its status. Fault "unreachable". */
  send(request: HttpRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    const { method, url, headers } = request
    const secure = url.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)(url, {
        method,
        headers: { 'user-agent': 'neargate', ...headers },
        agent: secure ? this.#secureAgent() : this.#http,
        timeout: this.#timeouts.connectSeconds * 1000,
        ...(signal === undefined ? {} : { signal }),
      })
      const connected = (): unknown => sent.setTimeout(this.#timeouts.idleSeconds * 1000)
      sent.on('socket', (socket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected)
        else connected()
      })
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' })))
      sent.on('error', (error) => {
        const request = `failed to do request: ${method === 'GET' ? 'Get' : 'Head'} "${shownUrl(url)}"`
        reject(signal?.aborted === true ? signal.reason : networkFault(error, url, request))
      })
      sent.on('response', resolve)
      sent.end()
    })
  }

  close(): void {
    this.#http.destroy()
    this.#https?.destroy()
  }

  #secureAgent(): HttpsAgent {
    // Reading the certificates takes long enough to wait until someone needs them.
    const ca = (): string[] => [...getCACertificates('default'), ...getCACertificates('system')]
    this.#https ??= new HttpsAgent({ keepAlive: true, maxSockets: REGISTRY_CONNECTIONS, ca: ca() })
    return this.#https
  }
}

/** Without the query: in redirects to object stores that is a password. */
export const shownUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/** What broke before or while an answer came, with `doing` in front. */
export const networkFault = (error: Error, url: URL, doing: string): Fault =>
  new Fault('unreachable', `${doing}: ${networkWords(error, url)}`, { cause: error })

const networkWords = (error: Error, url: URL): string => {
  const code = 'code' in error ? String(error.code) : ''
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  const address = 'address' in error && typeof error.address === 'string' ? error.address : url.hostname
  const dial = `dial tcp ${address}:${port}`
  switch (code) {
    case 'ENOTFOUND':
      return `dial tcp: lookup ${url.hostname}: no such host`
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${url.hostname}: Temporary failure in name resolution`
    case 'ECONNREFUSED':
      return `${dial}: connect: connection refused`
    case 'ENETUNREACH':
      return `${dial}: connect: network is unreachable`
    case 'EHOSTUNREACH':
      return `${dial}: connect: no route to host`
    case 'ETIMEDOUT':
      return `${dial}: i/o timeout`
    case 'ECONNRESET':
    case 'EPIPE':
      return `read tcp ${address}:${port}: connection reset by peer`
    default:
      return code.includes('CERT') || code.includes('TLS') || code.includes('SSL') || code.includes('SIGNATURE')
        ? `tls: failed to verify certificate: ${error.message}`
        : error.message
  }
}
