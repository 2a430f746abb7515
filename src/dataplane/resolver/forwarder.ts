// Asks the host's own resolvers what a VPC's resolver does not know. Every question leaves by a port of its own and
// under an id of its own, so that a forged answer has to guess both.

import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Clock } from '#base/clock.ts'
import type { Random } from '#base/random.ts'
import * as limits from './limits.ts'
import { isAnswerTo, type Query } from './message.ts'

export type Transport = 'udp' | 'tcp'

export interface ForwarderOptions {
  readonly clock: Clock
  readonly random: Random
  /** Asked with every question, so that a laptop that changes networks is followed. */
  readonly servers: () => readonly Upstream[]
}

export interface Upstream {
  readonly address: string
  readonly port: number
}

/** The IPv4 resolvers of a resolv.conf(5); the first three, as the C library does. */
export const upstreamsOf = (resolvConf: string): Upstream[] =>
  [...resolvConf.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)]
    .slice(0, 3)
    .map(([, address = '']) => ({ address, port: 53 }))

/** What a resolver needs of a forwarder. */
export interface Forward {
  /** The bytes of the answer under the query's own id; undefined when nobody answers in time. */
  ask(bytes: Buffer, query: Query, transport: Transport): Promise<Buffer | undefined>
}

/** What the host itself uses; none when it says so nowhere. */
export const hostUpstreams = (path = '/etc/resolv.conf'): Upstream[] => {
  try {
    return upstreamsOf(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export class Forwarder implements Forward {
  readonly #options: ForwarderOptions
  #underWay = 0

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  async ask(bytes: Buffer, query: Query, transport: Transport): Promise<Buffer | undefined> {
    if (this.#underWay >= limits.FORWARDED_AT_ONCE) return undefined
    this.#underWay++
    try {
      const servers = this.#options.servers()
      for (let round = 0; round < limits.FORWARD_ROUNDS; round++) {
        for (const server of servers) {
          const answer = await this.#once(server, bytes, query, transport)
          if (answer === undefined) continue
          answer.writeUInt16BE(query.id, 0)
          return answer
        }
      }
      return undefined
    } finally {
      this.#underWay--
    }
  }

  async #once(server: Upstream, bytes: Buffer, query: Query, transport: Transport): Promise<Buffer | undefined> {
    const id = Number.parseInt(this.#options.random.hex(4), 16)
    const question = Buffer.from(bytes)
    question.writeUInt16BE(id, 0)
    const ended = new AbortController()
    const isAnswer = (answer: Buffer): boolean => isAnswerTo(answer, id, query.question)
    const answer = (transport === 'udp' ? overUdp : overTcp)(server, question, isAnswer, ended.signal)
    const late = this.#options.clock.sleep(limits.FORWARD_TIMEOUT_SECONDS, ended.signal).then(() => undefined)
    try {
      return await Promise.race([answer, late])
    } finally {
      ended.abort()
    }
  }
}

type Ask = (
  server: Upstream,
  question: Buffer,
  isAnswer: (bytes: Buffer) => boolean,
  signal: AbortSignal,
) => Promise<Buffer | undefined>

const overUdp: Ask = (server, question, isAnswer, signal) =>
  new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', signal })
    // No route, or nobody there: the next server may do better.
    socket.on('error', () => resolve(undefined))
    socket.on('message', (bytes) => {
      if (isAnswer(bytes)) resolve(bytes)
    })
    // Connected: the kernel drops what others send.
    socket.connect(server.port, server.address, () => socket.send(question))
  })

const overTcp: Ask = (server, question, isAnswer, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port, signal })
    let got = Buffer.alloc(0)
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(undefined))
    socket.on('data', (bytes) => {
      got = Buffer.concat([got, bytes])
      if (got.length < 2 || got.length < 2 + got.readUInt16BE(0)) return
      const answer = got.subarray(2, 2 + got.readUInt16BE(0))
      resolve(isAnswer(answer) ? Buffer.from(answer) : undefined)
      socket.destroy()
    })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(question.length)
    socket.write(Buffer.concat([length, question]))
  })
