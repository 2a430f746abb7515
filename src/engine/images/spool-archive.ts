// Puts the files of an image archive on disk as it streams in: what they mean is known only when all are there.

import { closeSync, openSync, write } from 'node:fs'
import { join, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { scheduler } from 'node:timers/promises'
import { promisify } from 'node:util'
import { decompressor, peeked } from './decompress.ts'
import { decompressionFault, diskFault } from './layer-fault.ts'
import { ARCHIVE_LIMITS, ENTRIES_PER_SLICE } from './limits.ts'
import { split } from './tar-path.ts'
import { TarReader, type TarEvent } from './tar-reader.ts'

const writeAsync = promisify(write)

/** Links to links are followed that far. */
const LINK_DEPTH = 5

interface Spooled {
  readonly path: string
  readonly sizeBytes: number
}

export class SpooledArchive {
  readonly #scratch: string
  readonly #files = new Map<string, Spooled>()
  /** Old `docker save` writes a layer that two images share once, and a link to it for the second. */
  readonly #links = new Map<string, string>()
  #open: number | undefined
  #count = 0

  constructor(scratch: string) {
    this.#scratch = scratch
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  /** Where the file is on disk: names in the archive never become names on disk. */
  path(name: string): string | undefined {
    return this.#find(name)?.path
  }

  sizeBytes(name: string): number | undefined {
    return this.#find(name)?.sizeBytes
  }

  async handle(event: TarEvent): Promise<void> {
    if (event.is === 'data' && this.#open !== undefined) {
      for (let done = 0; done < event.bytes.length;) {
        done += (await writeAsync(this.#open, event.bytes, done)).bytesWritten
      }
    } else if (event.is === 'end') {
      this.close()
    } else if (event.is === 'entry') {
      const { kind, path, target, size } = event.entry
      if (kind === 'file') {
        const spooled = { path: join(this.#scratch, String(this.#count++)), sizeBytes: size }
        this.#open = openSync(spooled.path, 'wx', 0o600)
        this.#files.set(path, spooled)
      } else if (kind === 'hardlink') {
        this.#links.set(path, target)
      } else if (kind === 'symlink') {
        this.#links.set(path, posix.join(split(path)[0], target))
      }
    }
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open)
    this.#open = undefined
  }

  #find(name: string): Spooled | undefined {
    let at = name
    for (let depth = 0; depth < LINK_DEPTH; depth++) {
      const file = this.#files.get(at)
      const link = this.#links.get(at)
      if (file !== undefined || link === undefined) return file
      at = link
    }
    return undefined
  }
}

/** Faults: "invalid", "no-space". */
export const spooledArchive = async (
  tar: AsyncIterable<Uint8Array>,
  scratch: string,
  signal?: AbortSignal,
): Promise<SpooledArchive> => {
  const archive = new SpooledArchive(scratch)
  const reader = new TarReader(ARCHIVE_LIMITS)
  let events = 0
  const consume = async (plain: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of plain) {
      for (const event of reader.feed(chunk)) {
        await archive.handle(event)
        if (++events % ENTRIES_PER_SLICE === 0) await scheduler.yield()
      }
    }
    reader.finish()
  }
  try {
    const { head, all } = await peeked(tar, signal)
    const transform = decompressor(head)
    const options = signal === undefined ? {} : { signal }
    if (transform === undefined) await pipeline(all, consume, options)
    else await pipeline(all, transform, consume, options)
    return archive
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : diskFault(decompressionFault(error))
  } finally {
    archive.close()
  }
}
