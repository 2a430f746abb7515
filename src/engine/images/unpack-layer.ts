// One layer, from compressed bytes to a verified folder or EROFS file: every byte is hashed on its way, both before and
// after decompression, and nothing is published before both hashes are right.

import { createHash, type Hash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { Fault } from '#base/fault.ts'
import { decompressor, peeked } from './decompress.ts'
import { decompressionFault, diskFault } from './layer-fault.ts'

export interface LayerInput {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Of the bytes as they come; absent where nobody declared it (a `docker save` archive). */
  readonly blob?: { readonly digest: string; readonly sizeBytes: number }
  /** Of the uncompressed tar, "sha256:…". */
  readonly diffId: string
}

/** Where the uncompressed tar goes. */
export interface LayerSink {
  write(chunk: Uint8Array): Promise<void>
  /** The tar has ended; returns bytes on disk. */
  finish(): Promise<number>
  /** Lets go of everything that is open, after success or failure. */
  close(): Promise<void>
}

/** Returns the layer's bytes on disk. Faults: "invalid", "no-space", and those of the input. */
export const unpackLayer = async (input: LayerInput, sink: LayerSink, signal?: AbortSignal): Promise<number> => {
  const blobHash = createHash('sha256')
  const diffHash = createHash('sha256')
  try {
    const { head, all } = await peeked(counted(input, blobHash), signal)
    const transform = decompressor(head)
    const consume = async (plain: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of plain) {
        if (transform !== undefined) diffHash.update(chunk)
        await sink.write(chunk)
      }
    }
    const options = signal === undefined ? {} : { signal }
    if (transform === undefined) await pipeline(all, consume, options)
    else await pipeline(all, transform, consume, options)
    const blobDigest = digested(blobHash)
    verify('failed commit on ref: unexpected commit digest', blobDigest, input.blob?.digest)
    // Uncompressed bytes are the blob's own: hashing them twice would take a third of the time.
    const diffId = transform === undefined ? blobDigest : digested(diffHash)
    verify('wrong diff id calculated on extraction', diffId, input.diffId)
    return await sink.finish()
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : diskFault(decompressionFault(error))
  } finally {
    await sink.close()
  }
}

const digested = (hash: Hash): string => `sha256:${hash.digest('hex')}`

const verify = (what: string, found: string, wanted: string | undefined): void => {
  if (wanted !== undefined && found !== wanted) throw new Fault('invalid', `${what} ${found}, expected ${wanted}`)
}

/** Stops at the first byte too many, and says so when some are missing. */
const counted = async function* (input: LayerInput, hash: Hash): AsyncGenerator<Uint8Array> {
  const expected = input.blob?.sizeBytes
  let count = 0
  for await (const chunk of input.bytes) {
    count += chunk.length
    if (expected !== undefined && count > expected) break
    hash.update(chunk)
    yield chunk
  }
  if (expected !== undefined && count !== expected) {
    throw new Fault('invalid', `failed size validation: ${count} != ${expected}: failed precondition`)
  }
}
