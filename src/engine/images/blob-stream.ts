// The bytes of one blob of a registry as one stream, however often the connection breaks on the way.

import type { IncomingMessage } from 'node:http'
import { Fault, isFault } from '#base/fault.ts'
import { BLOB_PROGRESS_BYTES } from './limits.ts'
import type { Descriptor } from './manifest.ts'
import type { RegistrySession } from './registry-session.ts'
import { networkFault, shownUrl } from './registry-transport.ts'
import { mayPass, Retries, type RetryTools } from './retry.ts'

/** Continues with a range request where it was cut. The reader verifies size and digest. */
export const blobStream = async function* (
  session: RegistrySession,
  blob: Descriptor,
  tools: RetryTools,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const retries = new Retries(tools)
  let at = 0
  let failedAt = 0
  while (at < blob.sizeBytes) {
    try {
      for await (const chunk of rest(session, blob, at, signal)) {
        at += chunk.length
        yield chunk
      }
      if (at < blob.sizeBytes) throw new Fault('unreachable', 'unexpected EOF')
    } catch (error) {
      signal.throwIfAborted()
      // A byte per connection is no progress, it is a trick.
      if (at - failedAt >= BLOB_PROGRESS_BYTES) retries.reset()
      failedAt = at
      if (mayPass(error) && (await retries.again(signal))) continue
      if (!isFault(error)) throw error
      const tried = Math.max(retries.failures, 1)
      throw new Fault(
        error.kind,
        `ref pull has been retried ${tried} time(s): failed to copy: httpReadSeeker: failed open: ${error.message}`,
        {
          cause: error,
        },
      )
    }
  }
}

const rest = async function* (
  session: RegistrySession,
  blob: Descriptor,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` }
  const { response, url } = await session.request('GET', `blobs/${blob.digest}`, headers, signal)
  let skip = skipped(response, from)
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const wanted = chunk.subarray(Math.min(skip, chunk.length))
      skip -= chunk.length - wanted.length
      if (wanted.length > 0) yield wanted
    }
  } catch (error) {
    if (isFault(error) || !(error instanceof Error)) throw error
    throw networkFault(error, url, `failed to read ${shownUrl(url)}`)
  }
}

/** A registry that ignores the range sends all of it again. */
const skipped = (response: IncomingMessage, from: number): number => {
  if (response.statusCode !== 206) return from
  const start = /^bytes ([0-9]+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  if (Number(start) === from) return 0
  response.destroy()
  throw new Fault('unreachable', 'the registry sends another range than it was asked for')
}
