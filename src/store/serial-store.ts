// The part all embedded stores share: writers one after another in memory, one commit for those that queued together.

import { clearImmediate, setImmediate } from 'node:timers'
import { WRITERS_PER_COMMIT } from './limits.ts'
import { Cell } from './rows.ts'
import { cellAt, changed, readerOf, type Snapshot } from './snapshot.ts'
import type { Change, ListOptions, Reader, Store, Table, Transaction } from './store.ts'

/** Where commits go to last. */
export interface Disk {
  /** Takes all changes or none (and throws). Resolves when they are durable. */
  commit(changes: readonly Change[]): Promise<void>
  close(): Promise<void>
}

interface Writer {
  readonly work: (tx: Transaction) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What became of one writer of a batch, told once the batch is durable. */
interface Outcome {
  readonly changes: readonly Change[]
  readonly answer: () => void
}

interface Named {
  readonly name: string
}

interface Watcher {
  readonly tables: ReadonlySet<string>
  readonly listener: (changes: readonly Change[]) => void
}

export const serialStore = (initial: Snapshot, disk: Disk): Store => new SerialStore(initial, disk)

class SerialStore implements Store {
  #committed: Snapshot
  readonly #disk: Disk
  readonly #tables = new Map<string, Named>()
  readonly #watchers = new Set<Watcher>()
  #queue: Writer[] = []
  #draining: Promise<void> | undefined
  #closed = false

  constructor(initial: Snapshot, disk: Disk) {
    this.#committed = initial
    this.#disk = disk
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const snapshot = this.#committed
    return work(checkedReader(() => snapshot, this.#declared))
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#draining ??= this.#drain()
    })
  }

  watch(tables: readonly { readonly name: string }[], listener: (changes: readonly Change[]) => void): () => void {
    const watcher: Watcher = { tables: new Set(tables.map((table) => table.name)), listener }
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#draining
    await this.#disk.close()
  }

  async #drain(): Promise<void> {
    // Writers of the same turn queue up before the first of them runs.
    await Promise.resolve()
    while (this.#queue.length > 0) await this.#commitNext()
    this.#draining = undefined
  }

  /** Runs the queued writers on a draft, commits the draft, and only then tells anybody. */
  async #commitNext(): Promise<void> {
    let draft = this.#committed
    const batch: { writer: Writer; outcome: Outcome }[] = []
    while (this.#queue.length > 0 && batch.length < WRITERS_PER_COMMIT) {
      const writer = this.#queue.shift()!
      const outcome = await this.#attempt(draft, writer)
      // A writer that failed leaves the draft as it found it.
      draft = outcome.draft
      batch.push({ writer, outcome })
    }
    try {
      const changes = batch.flatMap(({ outcome }) => outcome.changes)
      if (changes.length > 0) await this.#disk.commit(changes)
    } catch (error) {
      // The later writers of the batch saw what the earlier ones wrote, so none of it may remain.
      for (const { writer } of batch) writer.reject(error)
      return
    }
    this.#committed = draft
    for (const { outcome } of batch) outcome.answer()
    for (const { outcome } of batch) this.#tell(outcome.changes)
  }

  async #attempt(before: Snapshot, writer: Writer): Promise<Outcome & { readonly draft: Snapshot }> {
    const transaction = new Draft(before, this.#declared)
    try {
      const value = await settledAtOnce(writer.work(transaction))
      const changes = transaction.end()
      return { draft: transaction.snapshot, changes, answer: () => writer.resolve(value) }
    } catch (error) {
      transaction.end()
      return { draft: before, changes: [], answer: () => writer.reject(error) }
    }
  }

  #tell(changes: readonly Change[]): void {
    if (changes.length === 0) return
    for (const { tables, listener } of this.#watchers) {
      const wanted = changes.filter((change) => tables.has(change.table))
      if (wanted.length === 0) continue
      try {
        listener(wanted)
      } catch (error) {
        // A listener that throws is a bug: it is thrown where nobody else's write suffers from it.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Two declarations of one name would keep two kinds of index: the second is refused. */
  readonly #declared = (table: Named): void => {
    const known = this.#tables.get(table.name)
    if (known === undefined) this.#tables.set(table.name, table)
    else if (known !== table) throw new Error(`table ${table.name} is declared twice`)
  }
}

const checkedReader = (current: () => Snapshot, declared: (table: Named) => void): Reader => {
  const reader = readerOf(current)
  return {
    get: async (table, key) => {
      declared(table)
      return reader.get(table, key)
    },
    list: async (table, options) => {
      declared(table)
      return reader.list(table, options)
    },
    count: async (table, options) => {
      declared(table)
      return reader.count(table, options)
    },
  }
}

/**
 * Work that waits for anything but its transaction would stop every other writer (and one that waits for another write
 * would stop for ever), so it is refused: such work is over before the event loop turns.
 */
const settledAtOnce = <T>(work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = setImmediate(() => reject(new Error('a write waited for something other than its transaction')))
    work.then(resolve, reject).finally(() => clearImmediate(late))
  })

/** One writer's view: what is committed, what earlier writers of the batch did, and its own changes. */
class Draft implements Transaction {
  snapshot: Snapshot
  readonly #before: Snapshot
  readonly #reader: Reader
  readonly #declared: (table: Named) => void
  readonly #touched = new Map<string, { readonly table: string; readonly key: string }>()
  #ended = false

  constructor(before: Snapshot, declared: (table: Named) => void) {
    this.#before = before
    this.snapshot = before
    this.#declared = declared
    this.#reader = checkedReader(() => {
      this.#mustBeOpen()
      return this.snapshot
    }, declared)
  }

  get<Row>(table: Table<Row>, key: string): Promise<Row | undefined> {
    return this.#reader.get(table, key)
  }

  list<Row>(table: Table<Row>, options?: ListOptions): Promise<Row[]> {
    return this.#reader.list(table, options)
  }

  count<Row>(table: Table<Row>, options?: Pick<ListOptions, 'index' | 'value' | 'prefix'>): Promise<number> {
    return this.#reader.count(table, options)
  }

  async put<Row>(table: Table<Row>, row: Row): Promise<void> {
    this.#change(table, table.key(row), Cell.ofRow(row))
  }

  async delete<Row>(table: Table<Row>, key: string): Promise<void> {
    this.#change(table, key, undefined)
  }

  #change<Row>(table: Table<Row>, key: string, cell: Cell | undefined): void {
    this.#mustBeOpen()
    this.#declared(table)
    this.snapshot = changed(this.snapshot, table, key, cell)
    this.#touched.set(`${table.name}\u0000${key}`, { table: table.name, key })
  }

  /** From now on nothing can be read or changed. Returns each changed row once, in the order of first touch. */
  end(): Change[] {
    this.#ended = true
    return [...this.#touched.values()].flatMap(({ table, key }) => {
      const before = cellAt(this.#before, table, key)
      const after = cellAt(this.snapshot, table, key)
      if (before === after) return []
      return [
        Object.freeze({
          table,
          key,
          ...(before === undefined ? {} : { before: before.row }),
          ...(after === undefined ? {} : { after: after.row }),
        }),
      ]
    })
  }

  #mustBeOpen(): void {
    if (this.#ended) throw new Error('this transaction is over')
  }
}
