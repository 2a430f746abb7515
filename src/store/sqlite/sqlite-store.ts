// The durable store: rows live in memory, every commit goes to one SQLite file before anybody hears of it.

import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '#base/fault.ts'
import { openSqliteFile, type SqliteFile } from '#base/sqlite-file.ts'
import { formatOf, migrated, migrations, type Migration } from '../migrations/migrations.ts'
import { Cell } from '../rows.ts'
import { serialStore, type Disk } from '../serial-store.ts'
import { snapshotOf } from '../snapshot.ts'
import type { Change, Store } from '../store.ts'

export interface SqliteStoreOptions {
  /** Holds the store's files and nothing else; made if need be, for its owner only. */
  readonly folder: string
  /** For tests of the mechanism. */
  readonly migrations?: readonly Migration[]
}

/** "NGst": marks the file as a Neargate store. */
const APPLICATION_ID = 0x4e477374

/**
 * Opens the store, making it if it is new. Throws Fault 'busy' when another process has it, 'unsupported' when a newer
 * Neargate wrote it, 'invalid' when the file is damaged.
 */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<Store> => {
  const steps = options.migrations ?? migrations
  const path = join(options.folder, 'store.sqlite')
  const file = await openSqliteFile({
    path,
    applicationId: APPLICATION_ID,
    version: formatOf(steps),
    create,
    migrate: (db, from) => migrate(db, from, steps),
  })
  try {
    const places: Places = new Map()
    return serialStore(snapshotOf(loaded(file.db, places, path)), sqliteDisk(file, places))
  } catch (error) {
    await file.close()
    throw error
  }
}

// Rows are found by the number we gave them: all look-ups happen in memory, so the file needs no other index, and a
// commit touches as few pages as it can.
const create = (db: DatabaseSync): void =>
  db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, place TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL)')

/** The row's number in the file, by table and key. */
type Places = Map<string, Map<string, number>>

interface Line {
  readonly id: number
  readonly place: string
  readonly key: string
  readonly json: string
}

type Columns = readonly [id: number, place: string, key: string, json: string]

const loaded = (db: DatabaseSync, places: Places, path: string): Map<string, (readonly [string, Cell])[]> => {
  const tables = new Map<string, (readonly [string, Cell])[]>()
  const select = db.prepare('SELECT id, place, key, json FROM rows')
  // An object for each of many thousand rows takes a quarter longer.
  select.setReturnArrays(true)
  for (const [id, place, key, json] of select.iterate() as unknown as Iterable<Columns>) {
    let keys = places.get(place)
    if (keys === undefined) places.set(place, (keys = new Map()))
    if (keys.has(key)) throw new Fault('invalid', `${path} is damaged: ${place} holds ${key} twice`)
    keys.set(key, id)
    const entries = tables.get(place)
    const entry = [key, Cell.ofText(json)] as const
    if (entries === undefined) tables.set(place, [entry])
    else entries.push(entry)
  }
  return tables
}

const sqliteDisk = (file: SqliteFile, places: Places): Disk => {
  const insert = file.db.prepare('INSERT INTO rows (place, key, json) VALUES (?, ?, ?)')
  const update = file.db.prepare('UPDATE rows SET json = ? WHERE id = ?')
  const remove = file.db.prepare('DELETE FROM rows WHERE id = ?')

  /** Numbers learnt in a commit count only if it succeeds; undefined = the row is gone. */
  const apply = (changes: readonly Change[]): Map<string, Map<string, number | undefined>> => {
    const learnt = new Map<string, Map<string, number | undefined>>()
    for (const { table, key, after } of changes) {
      let keys = learnt.get(table)
      if (keys === undefined) learnt.set(table, (keys = new Map()))
      const id = keys.has(key) ? keys.get(key) : places.get(table)?.get(key)
      if (after === undefined) {
        if (id !== undefined) remove.run(id)
        keys.set(key, undefined)
      } else if (id === undefined) {
        keys.set(key, Number(insert.run(table, key, JSON.stringify(after)).lastInsertRowid))
      } else {
        update.run(JSON.stringify(after), id)
      }
    }
    return learnt
  }

  const remember = (learnt: Map<string, Map<string, number | undefined>>): void => {
    for (const [table, keys] of learnt) {
      let known = places.get(table)
      if (known === undefined) places.set(table, (known = new Map()))
      for (const [key, id] of keys) {
        if (id === undefined) known.delete(key)
        else known.set(key, id)
      }
    }
  }

  return {
    async commit(changes) {
      let learnt: Map<string, Map<string, number | undefined>> | undefined
      file.commit(() => (learnt = apply(changes)))
      remember(learnt!)
      await file.synced()
    },
    close: () => file.close(),
  }
}

const migrate = (db: DatabaseSync, from: number, steps: readonly Migration[]): void => {
  const lines = db.prepare('SELECT place, key, json FROM rows ORDER BY id').all() as unknown as Line[]
  db.exec('DELETE FROM rows')
  const insert = db.prepare('INSERT INTO rows (place, key, json) VALUES (?, ?, ?)')
  for (const { place, key, json } of lines) {
    for (const row of migrated({ table: place, key, row: JSON.parse(json) }, from, steps)) {
      insert.run(row.table, row.key, JSON.stringify(row.row))
    }
  }
}
