// A request's body: read up to a limit of bytes and of time, and unzipped up to another.

import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AwsError } from '#aws/refusal.ts'
import type { Clock } from '#base/clock.ts'
import { DecodeProblem } from './decode-problem.ts'
import type { Limits } from './limits.ts'

/** The client went away or broke the connection: nobody is left to answer. */
export class ClientGone extends Error {}

const NOTHING = Buffer.alloc(0)
/** A reason of our own: making the default one costs as much as reading a body. */
const DONE = 'the body is read'

const tooLarge = (limit: number): DecodeProblem =>
  new DecodeProblem('too-large', `The request body is larger than ${limit} bytes.`)

/**
 * Rejects with DecodeProblem, AwsError (too slow) or ClientGone. A client that sends a little too much is heard out, up
 * to four times the limit: answered in mid-sentence, it would see a broken connection instead of the refusal.
 */
export const readBody = async (
  incoming: IncomingMessage,
  limits: Pick<Limits, 'bodyBytes' | 'requestTimeoutSeconds'>,
  clock: Clock,
): Promise<Buffer> => {
  const announced = Number(incoming.headers['content-length'] ?? 0)
  const isPatient = incoming.headers.expect !== undefined
  if (announced > limits.bodyBytes * (isPatient ? 1 : 4)) throw tooLarge(limits.bodyBytes)
  const done = new AbortController()
  // The server's own timeout would count for uploads too, which may take hours.
  const late = clock.sleep(limits.requestTimeoutSeconds, done.signal).then(() => {
    // Comes after every request: nobody waits for it any more.
    if (done.signal.aborted) return NOTHING
    throw new AwsError('RequestTimeout', 'The request body did not arrive in time.', { status: 408 })
  })
  try {
    return await Promise.race([collected(incoming, limits.bodyBytes), late])
  } finally {
    late.catch(() => {})
    done.abort(DONE)
  }
}

const collected = (incoming: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else chunks = []
      if (size > limit * 4) {
        incoming.pause()
        reject(tooLarge(limit))
      }
    })
    incoming.on('end', () => {
      if (size > limit) reject(tooLarge(limit))
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    })
    incoming.on('error', () => reject(new ClientGone()))
    // Comes after every request; making an error each time would cost more than the rest of this function.
    incoming.on('close', () => {
      if (!incoming.complete) reject(new ClientGone())
    })
  })

const gunzipped = promisify(gunzip)

/** Clients compress large inputs of some operations; the signature is over the compressed bytes. */
export const unzipped = async (
  body: Buffer,
  encoding: string | undefined,
  limits: Pick<Limits, 'unzippedBytes'>,
): Promise<Buffer> => {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body
  if (encoding.toLowerCase() !== 'gzip') {
    throw new DecodeProblem('malformed', 'The only Content-Encoding understood is gzip.')
  }
  try {
    return await gunzipped(body, { maxOutputLength: limits.unzippedBytes })
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limits.unzippedBytes)
    throw new DecodeProblem('malformed', 'The request body is not valid gzip.')
  }
}
