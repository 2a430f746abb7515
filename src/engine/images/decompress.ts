// Undoes whatever compression a layer or an archive has, told by its first bytes and not by what its label claims.

import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** Bytes that are needed to tell. */
const MAGIC_BYTES = 4
const OUTPUT_CHUNK_BYTES = 256 * 1024

/** The stream's bytes again, with the first few looked at. */
export const peeked = async (
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly all: AsyncIterable<Uint8Array> }> => {
  const iterator = bytes[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  let ended = false
  while (head.length < MAGIC_BYTES && !ended) {
    const next = await iterator.next()
    if (next.done === true) ended = true
    else head = Buffer.concat([head, next.value])
  }
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head
      while (!ended) {
        const next = await iterator.next()
        if (next.done === true) ended = true
        else yield next.value
      }
    } finally {
      if (!ended) await iterator.return?.()
    }
  }
  return { head, all: rest() }
}

/** Undefined: plain. */
export const decompressor = (head: Buffer): Transform | undefined => {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES })
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) {
    return createZstdDecompress({ chunkSize: OUTPUT_CHUNK_BYTES })
  }
  return undefined
}
