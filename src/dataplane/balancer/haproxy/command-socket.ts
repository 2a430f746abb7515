// HAProxy's command sockets: one command, one answer. https://docs.haproxy.org/2.6/management.html#9.3

import { connect } from 'node:net'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { ANSWER_BYTES, COMMAND_SECONDS, COMMANDS_AT_ONCE, LOG_LINE_BYTES } from '../limits.ts'

/**
 * The answer without its last line end; `seconds` for those that leave the connection open. Fault "not-found" when nobody listens there, "busy" when nothing is said in time.
 */
export const command = async (
  socket: string,
  words: string,
  clock: Clock,
  seconds: number = COMMAND_SECONDS,
): Promise<string> => {
  const connection = connect(socket)
  const sent = new AbortController()
  const done = new AbortController()
  let text = ''
  let failure: Error | undefined
  connection.setEncoding('utf8')
  connection.on('connect', () => connection.write(`${words}\n`, () => sent.abort()))
  connection.on('data', (chunk: string) => {
    if (text.length < ANSWER_BYTES) text += chunk
  })
  connection.on('error', (error) => {
    failure = error
    sent.abort()
    done.abort()
  })
  connection.on('end', () => done.abort())
  await clock.sleep(COMMAND_SECONDS, sent.signal)
  await clock.sleep(seconds, done.signal)
  connection.destroy()
  const { code } = (failure ?? {}) as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ECONNREFUSED') throw new Fault('not-found', `no HAProxy listens on ${socket}`)
  // It is being made anew.
  if (code === 'ECONNRESET' || code === 'EPIPE') throw new Fault('busy', `HAProxy left ${socket}`)
  if (failure !== undefined) throw new Fault('failed', `HAProxy's socket: ${code ?? failure.message}`)
  if (!done.signal.aborted && text === '') throw new Fault('busy', `HAProxy did not answer "${words.split(' ')[0]}"`)
  return text.trimEnd()
}

/** Tells of the lines of an answer that goes on; resolves when HAProxy ends it, is not there, or `signal` aborts. */
export const followed = (
  socket: string,
  words: string,
  told: (lines: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve) => {
    const connection = connect(socket)
    let rest = ''
    connection.setEncoding('latin1')
    connection.on('connect', () => connection.write(`${words}\n`))
    connection.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = (lines.pop() ?? '').slice(0, LOG_LINE_BYTES)
      told(lines)
    })
    const end = (): void => void connection.destroy()
    // Whoever follows asks again, and learns then what is wrong.
    connection.on('error', end)
    connection.on('end', end)
    connection.on('close', () => {
      signal.removeEventListener('abort', end)
      resolve()
    })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })

const SAID_OF_SUCCESS = /^(New server registered|Server deleted)\.?$/

/** Several commands, at once. What HAProxy complains of, in its words: those that succeed say nothing. */
export const complaints = async (socket: string, words: readonly string[], clock: Clock): Promise<string[]> => {
  const found: string[] = []
  for (let from = 0; from < words.length; from += COMMANDS_AT_ONCE) {
    const answer = await command(socket, words.slice(from, from + COMMANDS_AT_ONCE).join(';'), clock)
    const lines = answer.split('\n').map((line) => line.trim())
    found.push(...lines.filter((line) => line !== '' && !SAID_OF_SUCCESS.test(line)))
  }
  return found
}

/** Fault "failed" when HAProxy complains of any. */
export const changes = async (socket: string, words: readonly string[], clock: Clock): Promise<void> => {
  const [first] = await complaints(socket, words, clock)
  if (first !== undefined) throw new Fault('failed', `HAProxy: ${first}`)
}
