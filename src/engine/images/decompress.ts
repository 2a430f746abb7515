// Undoes whatever compression a layer or an archive has, told by its first bytes and not by what its label claims.

import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** Bytes that are needed to tell. */
const MAGIC_BYTES = 4
const OUTPUT_CHUNK_BYTES = 256 * 1024

/**
 * The stream's bytes again, with the first few looked at. Throws the signal's reason when that aborts, even while the
 * stream gives nothing.
 */
export const peeked = async (
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<{ readonly head: Buffer; readonly all: AsyncIterable<Uint8Array> }> => {
  const source = abortable(bytes, signal)
  let head = Buffer.alloc(0)
  let ended = false
  while (head.length < MAGIC_BYTES && !ended) {
    const next = await source.next()
    if (next.done === true) ended = true
    else head = Buffer.concat([head, next.value])
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head
    yield* source
  }
  return { head, all: all() }
}

const abortable = async function* (
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', giveUp)
  aborted.catch(() => {})
  const iterator = bytes[Symbol.asyncIterator]()
  let ended = false
  try {
    while (!ended) {
      signal?.throwIfAborted()
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done === true) ended = true
      else yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', giveUp)
    // Not waited for: a source that gives nothing may not listen either.
    if (!ended) iterator.return?.().catch(() => {})
  }
}

/** Undefined: plain. */
export const decompressor = (head: Buffer): Transform | undefined => {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES })
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) {
    return createZstdDecompress({ chunkSize: OUTPUT_CHUNK_BYTES })
  }
  return undefined
}
