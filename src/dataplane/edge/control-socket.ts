// Where the edge is told what to serve: a socket that only its own user may open.

import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Log } from '#base/log.ts'
import { socketPath, type EdgeAnswer, type EdgeReply, type EdgeRequest } from './contract.ts'
import type { Edge } from './edge.ts'
import type { Front } from './front.ts'
import * as limits from './limits.ts'
import { readLines, writeLine } from './lines.ts'
import type { Questions } from './questions.ts'
import type { Relays } from './relays.ts'

export interface ControlSocketOptions {
  readonly runDir: string
  readonly edge: Edge
  readonly front: Front
  readonly relays: Relays
  readonly questions: Questions
  readonly log: Log
  readonly onShutDown: () => void
  readonly onEgress: (allowed: boolean) => void
}

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Nobody there, or not even a file.
    socket.on('error', () => resolve(false))
  })

const isAnswer = (value: unknown): value is EdgeAnswer =>
  typeof value === 'object' && value !== null && 'answered' in value

const serve = (socket: Socket, options: ControlSocketOptions): void => {
  const { edge, front, relays, questions, log, onShutDown, onEgress } = options
  socket.on('error', (error) => log.warn('control-connection-failed', { error: error.message }))
  readLines(socket, limits.CONTROL_LINE_BYTES, (value) => {
    if (isAnswer(value)) return questions.answered(value)
    const { number, egress, change } = value as EdgeRequest
    questions.toldBy(socket)
    onEgress(egress)
    const reply = (answer: EdgeReply): void => writeLine(socket, answer)
    if (change.do === 'shut-down') {
      // The end of the connection is the answer.
      return onShutDown()
    }
    const failed = (error: unknown): void => {
      // The client decides; the edge goes on serving the rest.
      log.warn('change-failed', { change: change.do, error: String(error) })
      reply({ number, failed: String(error) })
    }
    if (change.do === 'set-front') {
      return void front.set(change.entries).then((ports) => reply({ number, ports }), failed)
    }
    if (change.do === 'set-relays') {
      return void relays.set(change.entries).then((served) => reply({ number, relays: served }), failed)
    }
    try {
      edge.apply(change)
      reply({ number })
    } catch (error) {
      failed(error)
    }
  })
}

/** undefined when another edge serves this directory already. */
export const controlSocket = async (options: ControlSocketOptions): Promise<Server | undefined> => {
  const path = socketPath(options.runDir)
  if (await isAnswered(path)) return undefined
  rmSync(path, { force: true })
  const server = createServer((socket) => serve(socket, options))
  // No moment at which another user could connect.
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  } finally {
    process.umask(before)
  }
  chmodSync(path, 0o600)
  return server
}
