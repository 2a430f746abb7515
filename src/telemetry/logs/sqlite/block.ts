// A block is a run of events as one piece of bytes: packed once when it is appended, unpacked whenever it is read.

import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { BLOCK_LIMIT_BYTES, COMPRESS_APART_FROM_BYTES, COMPRESS_FROM_BYTES, UNPACKED_LIMIT_BYTES } from '../limits.ts'
import type { LogEvent, StoredEvent } from '../log-store.ts'
import { comparePlaces, sizeOf } from '../order.ts'

export interface Block {
  readonly firstTimestamp: number
  readonly lastTimestamp: number
  readonly count: number
  /** As AWS counts, not as stored. */
  readonly bytes: number
  readonly packed: Uint8Array
}

/** What is inside, as JSON: sorted by timestamp, then by sequence. */
interface Content {
  /** Milliseconds from event to event; the first from 0. */
  readonly steps: readonly number[]
  readonly messages: readonly string[]
  /** Sequence numbers counted from the block's first; absent when they are 0, 1, 2, … */
  readonly offsets?: readonly number[]
}

const PLAIN = 0
const ZSTD = 1

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
// Level 1 is three times as fast as the default and the logs still shrink to a fifth. The small window (128 KiB) makes
// setting up as cheap as the blocks are small.
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 17 } }

/** An event with its place in the run. */
interface Numbered extends LogEvent {
  readonly offset: number
}

/** Splits a batch into blocks of bounded size; each is packed off the main thread. */
export const packedBlocks = (events: readonly LogEvent[]): Promise<Block[]> => {
  const blocks: Promise<Block>[] = []
  let start = 0
  let bytes = 0
  events.forEach((event, at) => {
    const size = sizeOf(event)
    if (bytes + size > BLOCK_LIMIT_BYTES && at > start) {
      blocks.push(packed(events.slice(start, at), bytes))
      start = at
      bytes = 0
    }
    bytes += size
  })
  if (start < events.length) blocks.push(packed(start === 0 ? events : events.slice(start), bytes))
  return Promise.all(blocks)
}

const isSorted = (events: readonly LogEvent[]): boolean =>
  events.every((event, at) => at === 0 || events[at - 1]!.timestamp <= event.timestamp)

const packed = async (events: readonly LogEvent[], bytes: number): Promise<Block> => {
  if (isSorted(events)) return packedSorted(events, bytes)
  const numbered = events
    .map(({ timestamp, message }, offset): Numbered => ({ timestamp, message, offset }))
    .toSorted((a, b) => a.timestamp - b.timestamp || a.offset - b.offset)
  return packedSorted(
    numbered,
    bytes,
    numbered.map((event) => event.offset),
  )
}

const packedSorted = async (
  events: readonly LogEvent[],
  bytes: number,
  offsets?: readonly number[],
): Promise<Block> => {
  let last = 0
  const steps = events.map(({ timestamp }) => {
    const step = timestamp - last
    last = timestamp
    return step
  })
  const messages = events.map((event) => event.message.toWellFormed())
  const content: Content = offsets === undefined ? { steps, messages } : { steps, messages, offsets }
  return {
    firstTimestamp: events[0]!.timestamp,
    lastTimestamp: last,
    count: events.length,
    bytes,
    packed: await packedBytes(content),
  }
}

const packedBytes = async (content: Content): Promise<Uint8Array> => {
  const text = Buffer.from(JSON.stringify(content))
  if (text.length < COMPRESS_FROM_BYTES) return Buffer.concat([Uint8Array.of(PLAIN), text])
  // Handing work to another thread costs 0.3 ms (measured), which only a large block is worth.
  const isLarge = text.length >= COMPRESS_APART_FROM_BYTES
  const squeezed = isLarge ? await compress(text, COMPRESSION) : zstdCompressSync(text, COMPRESSION)
  return Buffer.concat([Uint8Array.of(ZSTD), squeezed])
}

/** The events of a block, in order. Throws when the bytes are damaged. */
export const unpacked = async (
  bytes: Uint8Array,
  firstSequence: number,
  ingestionTime: number,
): Promise<StoredEvent[]> => {
  const { steps, messages, offsets } = JSON.parse((await unpackedBytes(bytes)).toString()) as Content
  let timestamp = 0
  return messages.map((message, at) => {
    timestamp += steps[at]!
    return { timestamp, message, sequence: firstSequence + (offsets?.[at] ?? at), ingestionTime }
  })
}

const unpackedBytes = async (bytes: Uint8Array): Promise<Buffer> => {
  const body = bytes.subarray(1)
  if (bytes[0] !== ZSTD) return Buffer.from(body)
  const limits = { maxOutputLength: UNPACKED_LIMIT_BYTES }
  return body.length * 5 >= COMPRESS_APART_FROM_BYTES ? decompress(body, limits) : zstdDecompressSync(body, limits)
}

/** Packs what is left of a block after retention took the oldest; sequence numbers stay. */
export const repacked = (events: readonly StoredEvent[], firstSequence: number): Promise<Block> => {
  const sorted = events.toSorted(comparePlaces)
  return packedSorted(
    sorted,
    sorted.reduce((sum, event) => sum + sizeOf(event), 0),
    sorted.map((event) => event.sequence - firstSequence),
  )
}
