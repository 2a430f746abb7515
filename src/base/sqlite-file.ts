// One SQLite file with one owner: opened exclusively, written in transactions, made durable without blocking anybody.

import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault, type FaultKind } from './fault.ts'

export interface SqliteFileOptions {
  /** The database file; its folder is made if need be, and both are for their owner only. */
  readonly path: string
  /** Marks the file as ours (PRAGMA application_id), so that a stranger's database is not written over. */
  readonly applicationId: number
  /** The newest format this program knows; a new file starts with it. */
  readonly version: number
  /** Makes the tables of a new file. */
  readonly create: (db: DatabaseSync) => void
  /** Brings an older file from format `from` to `version`, inside one transaction. */
  readonly migrate?: (db: DatabaseSync, from: number) => void
}

export interface SqliteFile {
  readonly db: DatabaseSync
  /** Runs `work` in one transaction. If it throws, or the disk refuses (a Fault), nothing of it remains. */
  commit(work: () => void): void
  /** Resolves when all that was committed before the call is on the disk. Callers that wait together share one sync. */
  synced(): Promise<void>
  close(): Promise<void>
}

/** Bytes to which the write-ahead log is cut back after a burst. */
const WAL_KEPT_BYTES = 16 * 1024 * 1024

// Result codes of SQLite (https://www.sqlite.org/rescode.html); the low byte is the primary code.
const FAULT_OF_CODE: Readonly<Record<number, FaultKind>> = {
  5: 'busy',
  6: 'busy',
  8: 'denied',
  11: 'invalid',
  13: 'no-space',
  14: 'denied',
  26: 'invalid',
}

const codeOf = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | undefined)?.errcode
  return typeof code === 'number' ? code : undefined
}

/** SQLite's errors as Faults; anything else comes back as it is. */
export const sqliteFault = (error: unknown, path: string): unknown => {
  const code = codeOf(error)
  if (code === undefined) return error
  return new Fault(FAULT_OF_CODE[code & 0xff] ?? 'failed', `${path}: ${(error as Error).message}`, { cause: error })
}

/**
 * Opens or makes the file. Throws Fault 'busy' when another process has it, 'unsupported' when a newer program wrote
 * it, 'invalid' when it is damaged or not ours.
 */
export const openSqliteFile = async (options: SqliteFileOptions): Promise<SqliteFile> => {
  const { path } = options
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // SQLite gives its side files the mode of the main file, so this is the one place where the mode is set.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    prepare(db, options)
    writeFileSync(`${path}.owner`, String(process.pid), { mode: 0o600 })
    const folder = openSync(dirname(path), 'r')
    fsyncSync(folder)
    closeSync(folder)
    return owned(db, path, await open(`${path}-wal`, 'r+'))
  } catch (error) {
    db?.close()
    const fault = sqliteFault(error, path)
    if (!(fault instanceof Fault) || fault.kind !== 'busy') throw fault
    throw new Fault('busy', `${path} is in use by process ${ownerOf(path)}; stop that one first`, { cause: error })
  }
}

const ownerOf = (path: string): string => {
  try {
    return readFileSync(`${path}.owner`, 'utf8')
  } catch {
    // The owner took the lock a moment ago and has not signed yet.
    return '(unknown)'
  }
}

const pragma = (db: DatabaseSync, name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]

const prepare = (db: DatabaseSync, { path, applicationId, version, create, migrate }: SqliteFileOptions): void => {
  // Exclusive locking is the single-owner rule: the first transaction takes the lock and the kernel drops it when the
  // process dies, however it dies.
  db.exec('PRAGMA locking_mode=EXCLUSIVE')
  // Freed pages can be given back in small steps; must be chosen before the first page is written.
  db.exec('PRAGMA auto_vacuum=INCREMENTAL')
  db.exec('PRAGMA journal_mode=WAL')
  // NORMAL leaves the sync after a commit to us: synced() does it off the main thread, before anybody is answered.
  db.exec(`PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=${WAL_KEPT_BYTES}`)
  db.exec('BEGIN EXCLUSIVE')
  const found = Number(pragma(db, 'user_version'))
  const isNew = found === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (!isNew && pragma(db, 'application_id') !== applicationId) {
    throw new Fault('invalid', `${path} is not a database of Neargate; choose another data directory`)
  }
  if (found > version) {
    throw new Fault(
      'unsupported',
      `${path} was written by a newer Neargate (format ${found}, this one knows ${version}); ` +
        'start that version again, or choose another data directory',
    )
  }
  if (isNew) create(db)
  else if (found < version) migrate?.(db, found)
  // Written even if unchanged: it brings the write-ahead log into being, which synced() needs.
  db.exec(`PRAGMA application_id=${applicationId}; PRAGMA user_version=${version}; COMMIT`)
}

const owned = (db: DatabaseSync, path: string, wal: FileHandle): SqliteFile => {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  let broken: Fault | undefined
  let underWay: Promise<void> | undefined
  let next: Promise<void> | undefined

  const sync = async (): Promise<void> => {
    try {
      await wal.datasync()
    } catch (error) {
      // After a failed sync the kernel forgets which pages were dirty: a later success would prove nothing.
      broken = new Fault('failed', `${path} could not be synced; restart to go on from what is on the disk`, {
        cause: error,
      })
      throw broken
    }
  }

  return {
    db,
    commit(work) {
      if (broken !== undefined) throw broken
      try {
        begin.run()
        work()
        end.run()
      } catch (error) {
        // A full disk may have made SQLite roll back by itself.
        if (db.isTransaction) db.exec('ROLLBACK')
        throw sqliteFault(error, path)
      }
    },
    synced() {
      if (broken !== undefined) return Promise.reject(broken)
      if (underWay === undefined) {
        underWay = sync().finally(() => (underWay = undefined))
        return underWay
      }
      // The sync under way may have begun before the latest commit: wait for the one after it.
      next ??= underWay
        .catch(() => {})
        .then(() => {
          next = undefined
          return this.synced()
        })
      return next
    },
    async close() {
      await underWay?.catch(() => {})
      await wal.close()
      db.close()
    },
  }
}
