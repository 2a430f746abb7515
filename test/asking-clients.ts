// Clients that behave well, and ask again and again: on kept connections, and again on a new one where the other side has
// said before that it will not answer.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type ClientHttp2Session, connect, constants } from 'node:http2'

export type Protocol = 'HTTP/1.1' | 'HTTP/2'

/** Whom a server must be. */
export interface Trust {
  /** The authority's certificate, in PEM. */
  readonly root: string
  readonly servername: string
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface AskingClient {
  readonly ask: (path: string) => Promise<Answer>
  readonly end: () => void
}

const overHttp1 = (host: string, port: number): AskingClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    ask: async (path) => {
      const asked = request({ host, port, path, agent })
      asked.end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      let body = ''
      for await (const chunk of response) body += String(chunk)
      return { status: response.statusCode ?? 0, body }
    },
    end: () => agent.destroy(),
  }
}

const overHttp2 = (host: string, port: number, trust: Trust | undefined): AskingClient => {
  let session: ClientHttp2Session | undefined
  const opened = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    const made = connect(
      `https://${host}:${port}`,
      trust === undefined ? { rejectUnauthorized: false } : { ca: trust.root, servername: trust.servername },
    )
    made.on('error', () => {})
    made.on('goaway', () => made.close())
    session = made
    return made
  }
  const once_ = (path: string): Promise<Answer | 'refused'> =>
    new Promise((resolve, reject) => {
      const stream = opened().request({ ':path': path })
      let status = 0
      let body = ''
      stream.on('response', (headers) => (status = headers[':status'] ?? 0))
      stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
      stream.on('end', () => status !== 0 && resolve({ status, body }))
      // RFC 9113, 8.7: what was refused has not been looked at, and may be asked again.
      stream.on('error', (error) =>
        stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? resolve('refused') : reject(error),
      )
      stream.on('close', () => reject(new Error('closed without an answer')))
    })
  return {
    ask: async (path) => {
      for (;;) {
        const answer = await once_(path)
        if (answer !== 'refused') return answer
      }
    },
    end: () => session?.close(),
  }
}

/** One request at a time; HTTP/2 over TLS, whoever the server is where nothing is said of it, HTTP/1.1 without. */
export const clientOf = (protocol: Protocol, host: string, port: number, trust?: Trust): AskingClient =>
  protocol === 'HTTP/2' ? overHttp2(host, port, trust) : overHttp1(host, port)
