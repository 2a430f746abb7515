// Clients that never stop asking, as well-behaved clients do: on kept connections, and again on a new one where the other
// side has said before that it will not answer.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import type { Protocol } from './balancer-world.ts'

export interface Answer {
  readonly status: number
  readonly body: string
}

type Ask = (path: string) => Promise<Answer>

const overHttp1 = (host: string, port: number): { readonly ask: Ask; readonly end: () => void } => {
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

const overHttp2 = (host: string, port: number): { readonly ask: Ask; readonly end: () => void } => {
  let session: ClientHttp2Session | undefined
  const opened = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    const made = connect(`https://${host}:${port}`, { rejectUnauthorized: false })
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

export const clientOf = (protocol: Protocol, host: string, port: number) =>
  protocol === 'HTTP/2' ? overHttp2(host, port) : overHttp1(host, port)

export interface Outcome {
  readonly requests: number
  /** In words, each once, with how often. */
  readonly errors: ReadonlyMap<string, number>
}

/** Asks with so many clients until `work` is done. */
export const whileAsking = async (
  open: () => ReturnType<typeof clientOf>,
  count: number,
  path: string,
  work: () => Promise<void>,
): Promise<Outcome> => {
  let isOver = false
  let requests = 0
  const errors = new Map<string, number>()
  const failed = (why: string): unknown => errors.set(why, (errors.get(why) ?? 0) + 1)
  const clients = Array.from({ length: count }, async () => {
    const client = open()
    while (!isOver) {
      requests++
      try {
        const { status } = await client.ask(path)
        if (status !== 200) failed(`${status}`)
      } catch (error) {
        failed(String(error))
      }
    }
    client.end()
  })
  try {
    await work()
  } finally {
    isOver = true
    await Promise.all(clients)
  }
  return { requests, errors }
}
