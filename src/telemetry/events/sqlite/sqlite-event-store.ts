// The durable event store: one SQLite file, in which a day of events finds room.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Log } from '#base/log.ts'
import { openSqliteFile, type SqliteFile } from '#base/sqlite-file.ts'
import type { EventQuery, EventStore, NewEvent, StoredEvent } from '../event-store.ts'
import { EVENTS_PER_SWEEP } from '../limits.ts'

export interface SqliteEventStoreOptions {
  /** Holds the event store's files and nothing else; made if need be, for its owner only. */
  readonly folder: string
  readonly log?: Log
}

/** "NGev": marks the file as a Neargate event store. */
const APPLICATION_ID = 0x4e476576
const FORMAT = 1

const create = (db: DatabaseSync): void =>
  db.exec(`
    CREATE TABLE events (
      number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, account TEXT NOT NULL,
      bytes INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE INDEX events_by_time ON events (at);
    CREATE TABLE subjects (
      subject TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (subject, number)) WITHOUT ROWID;
    CREATE INDEX subjects_by_event ON subjects (number);
    CREATE TABLE versions (thing TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
  `)

/** Throws Fault 'busy' when another process has the file, 'unsupported' when a newer Neargate wrote it. */
export const openSqliteEventStore = async ({ folder }: SqliteEventStoreOptions): Promise<EventStore> =>
  new SqliteEventStore(
    await openSqliteFile({
      path: join(folder, 'events.sqlite'),
      applicationId: APPLICATION_ID,
      version: FORMAT,
      create,
    }),
  )

const statements = (db: DatabaseSync) => ({
  addEvent: db.prepare('INSERT INTO events (at, account, bytes, text) VALUES (?, ?, ?, ?)'),
  addSubject: db.prepare('INSERT OR IGNORE INTO subjects (subject, number) VALUES (?, ?)'),
  setVersion: db.prepare(
    'INSERT INTO versions (thing, version) VALUES (?, ?) ' +
      'ON CONFLICT (thing) DO UPDATE SET version = max(version, excluded.version)',
  ),
  forget: db.prepare('DELETE FROM versions WHERE thing = ?'),
  versions: db.prepare('SELECT thing, version FROM versions'),
  last: db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'"),
  readAll: db.prepare(
    'SELECT number, at, text FROM events WHERE number > ? AND at >= ? AND account = ? ORDER BY number LIMIT ?',
  ),
  readSubject: db.prepare(
    'SELECT e.number, e.at, e.text FROM subjects AS s JOIN events AS e ON e.number = s.number ' +
      'WHERE s.subject = ? AND s.number > ? AND e.at >= ? AND e.account = ? ORDER BY s.number LIMIT ?',
  ),
  newestOld: db.prepare('SELECT max(number) AS number FROM events WHERE at < ?'),
  sizes: db.prepare('SELECT number, bytes FROM events ORDER BY number DESC'),
  dropEvents: db.prepare('DELETE FROM events WHERE number IN (SELECT number FROM events WHERE number <= ? LIMIT ?)'),
  dropSubjects: db.prepare(
    'DELETE FROM subjects WHERE number < coalesce((SELECT min(number) FROM events), 9223372036854775807)',
  ),
})

class SqliteEventStore implements EventStore {
  readonly #file: SqliteFile
  readonly #sql: ReturnType<typeof statements>

  constructor(file: SqliteFile) {
    this.#file = file
    this.#sql = statements(file.db)
  }

  async append(events: readonly NewEvent[]): Promise<void> {
    const { addEvent, addSubject, setVersion } = this.#sql
    // Not synced: events are worth a process's death, not a wait for the disk.
    this.#file.commit(() => {
      for (const { at, account, text, subjects, state } of events) {
        const { lastInsertRowid } = addEvent.run(at, account, Buffer.byteLength(text), text)
        for (const subject of subjects) addSubject.run(subject, lastInsertRowid)
        if (state !== undefined) setVersion.run(state.of, state.version)
      }
    })
  }

  async read({ account, subject, after = 0, since = 0, limit }: EventQuery): Promise<StoredEvent[]> {
    const rows =
      subject === undefined
        ? this.#sql.readAll.all(after, since, account, limit)
        : this.#sql.readSubject.all(subject, after, since, account, limit)
    return rows.map(({ number, at, text }) => ({ number: Number(number), at: Number(at), text: String(text) }))
  }

  async lastNumber(): Promise<number> {
    return Number(this.#sql.last.get()?.['seq'] ?? 0)
  }

  async versions(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#sql.versions.all().map(({ thing, version }) => [String(thing), Number(version)]))
  }

  async forget(things: readonly string[]): Promise<void> {
    this.#file.commit(() => {
      for (const thing of things) this.#sql.forget.run(thing)
    })
  }

  async expire(before: number, bytes: number): Promise<void> {
    const border = Math.max(Number(this.#sql.newestOld.get(before)?.['number'] ?? 0), this.#newestBeyond(bytes))
    for (let dropped = EVENTS_PER_SWEEP; dropped === EVENTS_PER_SWEEP; await nextTurn()) {
      this.#file.commit(() => {
        dropped = Number(this.#sql.dropEvents.run(border, EVENTS_PER_SWEEP).changes)
        if (dropped > 0) this.#sql.dropSubjects.run()
      })
    }
    this.#file.db.exec('PRAGMA incremental_vacuum')
  }

  async close(): Promise<void> {
    await this.#file.synced()
    await this.#file.close()
  }

  /** The newest of the events that no longer fit. */
  #newestBeyond(bytes: number): number {
    let kept = 0
    for (const row of this.#sql.sizes.iterate()) {
      kept += Number(row['bytes'])
      if (kept > bytes) return Number(row['number'])
    }
    return 0
  }
}
