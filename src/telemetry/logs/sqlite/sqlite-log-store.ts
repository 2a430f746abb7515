// The durable log store: batches become compressed blocks in one SQLite file, together with their source's position.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { silentLog, type Log } from '#base/log.ts'
import { openSqliteFile, type SqliteFile } from '#base/sqlite-file.ts'
import { BATCHES_PER_COMMIT, BLOCKS_PER_SWEEP, FREE_PAGES_KEPT, PAGES_PER_STEP } from '../limits.ts'
import type {
  AppendOptions,
  GroupId,
  LogEvent,
  LogStore,
  ReadOptions,
  StoredEvent,
  StreamFacts,
  StreamId,
} from '../log-store.ts'
import { comparePlaces, isWanted, limited } from '../order.ts'
import { packedBlocks, repacked, unpacked, type Block } from './block.ts'
import { createLogTables, factsOf, logTables, type Header, type LogTables, type StreamRow } from './log-tables.ts'

export interface SqliteLogStoreOptions {
  /** Holds the log store's files and nothing else; made if need be, for its owner only. */
  readonly folder: string
  readonly log?: Log
}

/** "NGlg": marks the file as a Neargate log store. */
const APPLICATION_ID = 0x4e476c67
const FORMAT = 1

/** Throws Fault 'busy' when another process has the file, 'unsupported' when a newer Neargate wrote it. */
export const openSqliteLogStore = async ({ folder, log = silentLog }: SqliteLogStoreOptions): Promise<LogStore> => {
  const path = join(folder, 'logs.sqlite')
  const file = await openSqliteFile({
    path,
    applicationId: APPLICATION_ID,
    version: FORMAT,
    create: createLogTables,
  })
  return new SqliteLogStore(file, log)
}

interface Batch {
  readonly name: string
  readonly options: AppendOptions
  readonly blocks: Promise<Block[]>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const nameOf = (id: StreamId): string => JSON.stringify([id.account, id.region, id.group, id.stream])

class SqliteLogStore implements LogStore {
  readonly #file: SqliteFile
  readonly #tables: LogTables
  readonly #log: Log
  #queue: Batch[] = []
  #draining: Promise<void> | undefined
  #answering: Promise<void> = Promise.resolve()
  /** Expiry and sweeping, one after another. */
  #cleaning: Promise<void> = Promise.resolve()
  #closed = false

  constructor(file: SqliteFile, log: Log) {
    this.#file = file
    this.#log = log
    this.#tables = logTables(file.db)
    // Streams that a killed process had begun to delete.
    this.#cleaning = this.#sweep()
  }

  append(id: StreamId, events: readonly LogEvent[], options: AppendOptions): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the log store is closed'))
    return new Promise((resolve, reject) => {
      const blocks = packedBlocks(events)
      // Whoever fails to pack is told when its turn comes.
      blocks.catch(() => {})
      this.#queue.push({ name: nameOf(id), options, blocks, resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  async position(id: StreamId, source: string): Promise<number | undefined> {
    const stream = this.#tables.stream(nameOf(id))
    return stream === undefined ? undefined : this.#tables.position(stream.id, source)
  }

  async facts(id: StreamId): Promise<StreamFacts> {
    return factsOf(this.#tables.stream(nameOf(id)))
  }

  async groupBytes({ account, region, group }: GroupId): Promise<number> {
    return this.#tables.bytesBelow(JSON.stringify([account, region, group]).slice(0, -1) + ',')
  }

  async read(id: StreamId, options: ReadOptions): Promise<StoredEvent[]> {
    const stream = this.#tables.stream(nameOf(id))
    if (stream === undefined || options.limit < 1) return []
    let found: StoredEvent[] = []
    let last: Header | undefined
    for (;;) {
      const headers = this.#tables.headers(stream, options, last)
      for (const header of headers) {
        if (isComplete(found, header, options)) return found
        const wanted = (await this.#eventsOf(header.id)).filter((event) => isWanted(event, options))
        found = limited(merged(found, wanted, options.direction), options)
      }
      last = headers.at(-1)
      if (last === undefined) return found
    }
  }

  async deleteStream(id: StreamId): Promise<void> {
    const stream = this.#tables.stream(nameOf(id))
    if (stream === undefined) return
    this.#file.commit(() => this.#tables.doom(stream.id))
    await this.#file.synced()
    this.#cleaning = this.#cleaning.then(() => this.#sweep())
  }

  async expire(id: StreamId, before: number): Promise<void> {
    const work = this.#cleaning.then(async () => {
      const stream = this.#tables.stream(nameOf(id))
      if (stream?.first_timestamp == null || stream.first_timestamp >= before) return
      await this.#shorten(stream, before)
      await this.#shrink()
    })
    this.#cleaning = work.catch(() => {})
    await work
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#draining
    await this.#answering
    await this.#cleaning
    await this.#file.close()
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batches = this.#queue.splice(0, BATCHES_PER_COMMIT)
      await Promise.allSettled(batches.map((batch) => batch.blocks))
      await this.#commit(batches)
    }
    this.#draining = undefined
  }

  /** One transaction for all; the answers follow when it is on the disk, while the next batches are being packed. */
  async #commit(batches: readonly Batch[]): Promise<void> {
    const ready: { readonly batch: Batch; readonly blocks: Block[] }[] = []
    for (const batch of batches) {
      try {
        ready.push({ batch, blocks: await batch.blocks })
      } catch (error) {
        batch.reject(error)
      }
    }
    try {
      this.#file.commit(() => ready.forEach(({ batch, blocks }) => this.#take(batch, blocks)))
    } catch (error) {
      for (const { batch } of ready) batch.reject(error)
      return
    }
    const waiting = ready.filter(({ batch }) => {
      if (batch.options.beforeSync === true) batch.resolve()
      return batch.options.beforeSync !== true
    })
    const synced = this.#file.synced().then(
      () => waiting.forEach(({ batch }) => batch.resolve()),
      // Those who were answered hear of it too: after a failed sync every later append is refused.
      (error: unknown) => waiting.forEach(({ batch }) => batch.reject(error)),
    )
    this.#answering = Promise.all([this.#answering, synced]).then(() => {})
  }

  #take({ name, options: { source, marks = {}, ingestionTime } }: Batch, blocks: readonly Block[]): void {
    const stream = this.#tables.stream(name) ?? this.#tables.newStream(name)
    if (source !== undefined) {
      if ((this.#tables.position(stream.id, source.name) ?? -1) >= source.position) return
      this.#tables.setPosition(stream.id, source.name, source.position)
    }
    for (const [mark, position] of Object.entries(marks)) this.#tables.setPosition(stream.id, mark, position)
    let sequence = stream.next_sequence
    for (const block of blocks) sequence = this.#tables.addBlock(stream.id, block, sequence, ingestionTime)
  }

  async #eventsOf(block: number): Promise<StoredEvent[]> {
    const body = this.#tables.body(block)
    if (body === undefined) return []
    try {
      return await unpacked(body.packed, body.first_sequence, body.ingestion)
    } catch (error) {
      throw new Fault('invalid', `block ${block} of the log store is damaged`, { cause: error })
    }
  }

  /** Whole blocks go in steps; those that straddle the border are packed anew without their oldest events. */
  async #shorten(stream: StreamRow, before: number): Promise<void> {
    while (!this.#closed) {
      let dropped = 0
      this.#file.commit(() => {
        dropped = this.#tables.dropBlocksBefore(stream.id, before, BLOCKS_PER_SWEEP)
        this.#tables.recount(stream.id)
      })
      if (dropped < BLOCKS_PER_SWEEP) break
      await nextTurn()
    }
    const border: ReadOptions = { direction: 'forward', startTime: before, endTime: before, limit: 1 }
    let last: Header | undefined
    for (;;) {
      const headers = this.#tables.headers(stream, border, last)
      for (const { id } of headers) {
        const events = (await this.#eventsOf(id)).filter((event) => event.timestamp >= before)
        const body = this.#tables.body(id)
        if (body === undefined) continue
        const block = await repacked(events, body.first_sequence)
        this.#file.commit(() => {
          this.#tables.changeBlock(id, block)
          this.#tables.recount(stream.id)
        })
      }
      last = headers.at(-1)
      if (last === undefined) return this.#file.synced()
    }
  }

  /** Deletes the blocks of streams that are gone. Stops early when the store closes: the next start goes on. */
  async #sweep(): Promise<void> {
    try {
      for (;;) {
        await nextTurn()
        const stream = this.#closed ? undefined : this.#tables.doomed()
        if (stream === undefined) return await this.#shrink()
        this.#file.commit(() => {
          const dropped = this.#tables.dropBlocksBefore(stream, Number.MAX_SAFE_INTEGER, BLOCKS_PER_SWEEP)
          if (dropped < BLOCKS_PER_SWEEP) this.#tables.forget(stream)
        })
      }
    } catch (error) {
      // What is left is on the list of doomed streams: the next deletion or the next start tries again.
      if (!(error instanceof Fault)) throw error
      this.#log.warn('log-store.sweep-failed', { kind: error.kind, reason: error.message })
    }
  }

  async #shrink(): Promise<void> {
    while (!this.#closed && this.#tables.freePages() > FREE_PAGES_KEPT) {
      this.#tables.givePagesBack(PAGES_PER_STEP)
      await nextTurn()
    }
  }
}

/** Whether no event of this block or of a later one can be among the wanted ones. */
const isComplete = (found: readonly StoredEvent[], next: Header, { limit, direction }: ReadOptions): boolean => {
  if (found.length < limit) return false
  return direction === 'forward'
    ? next.first_timestamp > found.at(-1)!.timestamp
    : next.last_timestamp < found[0]!.timestamp
}

/** Blocks rarely overlap, so joining end to end is the common case. */
const merged = (
  found: StoredEvent[],
  wanted: readonly StoredEvent[],
  direction: 'forward' | 'backward',
): StoredEvent[] => {
  const [before, after] = direction === 'forward' ? [found, wanted] : [wanted, found]
  const joined = [...before, ...after]
  const [end, start] = [before.at(-1), after[0]]
  const inOrder = end === undefined || start === undefined || comparePlaces(end, start) <= 0
  return inOrder ? joined : joined.toSorted(comparePlaces)
}
