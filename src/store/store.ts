// The contract of the durable memory: transactional typed tables with declared indexes and a watch.

/** A table is declared once, in its API's tables.ts, and handed to every call: the store itself knows no record. */
export interface Table<Row> {
  /** Unique in the whole store, e.g. "ecs.tasks". */
  readonly name: string
  /** The primary key. Rows are ordered by it, as strings (code units). */
  readonly key: (row: Row) => string
  /** Each index maps a row to the strings under which it is found; none leaves the row out of that index. */
  readonly indexes: Readonly<Record<string, (row: Row) => readonly string[]>>
}

/** Declares a table; a place for the type argument to be inferred. */
export const table = <Row>(declaration: {
  readonly name: string
  readonly key: (row: Row) => string
  readonly indexes?: Readonly<Record<string, (row: Row) => readonly string[]>>
}): Table<Row> => ({ indexes: {}, ...declaration })

export interface ListOptions {
  /** Only rows whose index entry equals `value`. */
  readonly index?: string
  readonly value?: string
  /** Only rows whose primary key starts with this. */
  readonly prefix?: string
  /** Only rows whose primary key comes after this one. */
  readonly after?: string
  /** At most that many rows. */
  readonly limit?: number
}

export interface Reader {
  get<Row>(table: Table<Row>, key: string): Promise<Row | undefined>
  /** In the order of the primary key. */
  list<Row>(table: Table<Row>, options?: ListOptions): Promise<Row[]>
  count<Row>(table: Table<Row>, options?: Pick<ListOptions, 'index' | 'value' | 'prefix'>): Promise<number>
}

export interface Transaction extends Reader {
  /** Inserts or replaces. Rows are plain JSON values; they are frozen by the store and must not be changed after. */
  put<Row>(table: Table<Row>, row: Row): Promise<void>
  /** Deleting what is not there does nothing. */
  delete<Row>(table: Table<Row>, key: string): Promise<void>
}

/** One committed change of one row. `before` is absent on insert, `after` on delete. */
export interface Change {
  readonly table: string
  readonly key: string
  readonly before?: unknown
  readonly after?: unknown
}

export interface Store {
  /** A consistent snapshot of committed rows. Never waits for a writer. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>
  /**
   * Writers run one after another. Resolves when the change is durable; if `work` throws, nothing of it remains and
   * the same error is thrown here. `work` awaits nothing but its transaction.
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * Calls `listener` after every durable commit with the changes of these tables, in commit order, exactly once each.
   * Listeners are called synchronously after the writer was answered, and must not throw. Returns "stop watching".
   */
  watch(tables: readonly { readonly name: string }[], listener: (changes: readonly Change[]) => void): () => void
  /** Waits for queued writes. Nothing at the next start may depend on this having been called. */
  close(): Promise<void>
}
