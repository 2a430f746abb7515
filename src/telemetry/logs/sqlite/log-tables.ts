// The tables of the log store's file, and every statement that is asked of them.

import type { DatabaseSync } from 'node:sqlite'
import { HEADERS_PER_QUERY } from '../limits.ts'
import type { ReadOptions, StreamFacts } from '../log-store.ts'
import type { Block } from './block.ts'

export const createLogTables = (db: DatabaseSync): void =>
  db.exec(`
    CREATE TABLE streams (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, next_sequence INTEGER NOT NULL,
      first_timestamp INTEGER, last_timestamp INTEGER, last_ingestion INTEGER,
      bytes INTEGER NOT NULL, count INTEGER NOT NULL, width INTEGER NOT NULL);
    CREATE TABLE blocks (
      id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, first_timestamp INTEGER NOT NULL,
      last_timestamp INTEGER NOT NULL, first_sequence INTEGER NOT NULL, ingestion INTEGER NOT NULL,
      count INTEGER NOT NULL, bytes INTEGER NOT NULL, packed BLOB NOT NULL);
    CREATE INDEX blocks_by_first ON blocks (stream, first_timestamp, id, last_timestamp);
    CREATE INDEX blocks_by_last ON blocks (stream, last_timestamp, id, first_timestamp);
    CREATE TABLE positions (
      stream INTEGER NOT NULL, source TEXT NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (stream, source)) WITHOUT ROWID;
    CREATE TABLE doomed (stream INTEGER PRIMARY KEY);
  `)

export interface StreamRow {
  readonly id: number
  readonly next_sequence: number
  readonly first_timestamp: number | null
  readonly last_timestamp: number | null
  readonly last_ingestion: number | null
  readonly bytes: number
  readonly count: number
  /** The longest time one block spans, in milliseconds: how far beyond a range a read must look for blocks. */
  readonly width: number
}

export interface Header {
  readonly id: number
  readonly first_timestamp: number
  readonly last_timestamp: number
}

export interface Body {
  readonly packed: Uint8Array
  readonly first_sequence: number
  readonly ingestion: number
}

const ALWAYS = Number.MAX_SAFE_INTEGER

export type LogTables = ReturnType<typeof logTables>

export const logTables = (db: DatabaseSync) => {
  const findStream = db.prepare('SELECT * FROM streams WHERE name = ?')
  // Names are JSON, whose strings are followed by a quote: no name of the group sorts behind the prefix and this.
  const bytesBelow = db.prepare(
    'SELECT sum(bytes) AS bytes FROM streams WHERE name >= ?1 AND name < ?1 || char(0x10ffff)',
  )
  const addStream = db.prepare(
    'INSERT INTO streams (name, next_sequence, bytes, count, width) VALUES (?, 1, 0, 0, 0) RETURNING *',
  )
  const growStream = db.prepare(`
    UPDATE streams SET next_sequence = ?2, first_timestamp = min(coalesce(first_timestamp, ?3), ?3),
      last_timestamp = max(coalesce(last_timestamp, ?4), ?4), last_ingestion = ?5,
      bytes = bytes + ?6, count = count + ?7, width = max(width, ?4 - ?3) WHERE id = ?1`)
  const recount = db.prepare(`
    UPDATE streams SET (first_timestamp, last_timestamp, bytes, count) =
      (SELECT min(first_timestamp), max(last_timestamp), coalesce(sum(bytes), 0), coalesce(sum(count), 0)
       FROM blocks WHERE stream = ?1) WHERE id = ?1`)
  const addBlock = db.prepare(`
    INSERT INTO blocks (stream, first_timestamp, last_timestamp, first_sequence, ingestion, count, bytes, packed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const changeBlock = db.prepare(
    'UPDATE blocks SET first_timestamp = ?, last_timestamp = ?, count = ?, bytes = ?, packed = ? WHERE id = ?',
  )
  const body = db.prepare('SELECT packed, first_sequence, ingestion FROM blocks WHERE id = ?')
  const findPosition = db.prepare('SELECT position FROM positions WHERE stream = ? AND source = ?')
  const setPosition = db.prepare('INSERT OR REPLACE INTO positions VALUES (?, ?, ?)')
  const forward = db.prepare(`
    SELECT id, first_timestamp, last_timestamp FROM blocks INDEXED BY blocks_by_first
    WHERE stream = ?1 AND (first_timestamp, id) > (?2, ?3) AND first_timestamp <= ?4 AND last_timestamp >= ?5
    ORDER BY first_timestamp, id LIMIT ${HEADERS_PER_QUERY}`)
  const backward = db.prepare(`
    SELECT id, first_timestamp, last_timestamp FROM blocks INDEXED BY blocks_by_last
    WHERE stream = ?1 AND (last_timestamp, id) < (?2, ?3) AND last_timestamp >= ?4 AND first_timestamp <= ?5
    ORDER BY last_timestamp DESC, id DESC LIMIT ${HEADERS_PER_QUERY}`)
  const dropBlocks = db.prepare(
    'DELETE FROM blocks WHERE id IN (SELECT id FROM blocks WHERE stream = ? AND last_timestamp < ? LIMIT ?)',
  )

  return {
    stream: (name: string) => findStream.get(name) as StreamRow | undefined,
    bytesBelow: (prefix: string) => Number(bytesBelow.get(prefix)?.['bytes'] ?? 0),
    newStream: (name: string) => addStream.get(name) as unknown as StreamRow,

    /** Adds a block at the stream's end. Returns the sequence after it. */
    addBlock(stream: number, block: Block, sequence: number, ingestion: number): number {
      const { firstTimestamp, lastTimestamp, count, bytes, packed } = block
      addBlock.run(stream, firstTimestamp, lastTimestamp, sequence, ingestion, count, bytes, packed)
      const next = sequence + count
      growStream.run(stream, next, firstTimestamp, lastTimestamp, ingestion, bytes, count)
      return next
    },

    changeBlock: (id: number, { firstTimestamp, lastTimestamp, count, bytes, packed }: Block) =>
      void changeBlock.run(firstTimestamp, lastTimestamp, count, bytes, packed, id),

    /** Undefined when retention or a deletion took the block meanwhile. */
    body: (id: number) => body.get(id) as Body | undefined,

    position: (stream: number, source: string) => findPosition.get(stream, source)?.['position'] as number | undefined,
    setPosition: (stream: number, source: string, position: number) => void setPosition.run(stream, source, position),

    /** The next headers of blocks that may hold wanted events, in reading order, after `last`. */
    headers(stream: StreamRow, options: ReadOptions, last: Header | undefined): Header[] {
      const { from, direction, startTime = 0, endTime = ALWAYS } = options
      if (direction === 'forward') {
        const low = Math.max(startTime, from?.timestamp ?? 0)
        const after = last === undefined ? [low - stream.width - 1, ALWAYS] : [last.first_timestamp, last.id]
        return forward.all(stream.id, ...after, endTime - 1, low) as unknown as Header[]
      }
      const high = Math.min(endTime - 1, from?.timestamp ?? ALWAYS)
      const before = last === undefined ? [high + stream.width + 1, 0] : [last.last_timestamp, last.id]
      return backward.all(stream.id, ...before, startTime, high) as unknown as Header[]
    },

    /** Returns how many went; fewer than `limit` means that none are left. */
    dropBlocksBefore: (stream: number, before: number, limit: number) =>
      Number(dropBlocks.run(stream, before, limit).changes),
    recount: (stream: number) => void recount.run(stream),

    /** Forgets the stream at once and leaves its blocks to the sweeper. */
    doom(stream: number): void {
      db.prepare('DELETE FROM streams WHERE id = ?').run(stream)
      db.prepare('DELETE FROM positions WHERE stream = ?').run(stream)
      db.prepare('INSERT INTO doomed VALUES (?)').run(stream)
    },
    doomed: () => db.prepare('SELECT stream FROM doomed LIMIT 1').get()?.['stream'] as number | undefined,
    forget: (stream: number) => void db.prepare('DELETE FROM doomed WHERE stream = ?').run(stream),

    freePages: () => Number(db.prepare('PRAGMA freelist_count').get()?.['freelist_count']),
    givePagesBack: (count: number) => db.exec(`PRAGMA incremental_vacuum(${count})`),
  }
}

export const factsOf = (row: StreamRow | undefined): StreamFacts => ({
  ...(row?.first_timestamp == null ? {} : { firstEventTimestamp: row.first_timestamp }),
  ...(row?.last_timestamp == null ? {} : { lastEventTimestamp: row.last_timestamp }),
  ...(row?.last_ingestion == null ? {} : { lastIngestionTime: row.last_ingestion }),
  storedBytes: row?.bytes ?? 0,
  eventCount: row?.count ?? 0,
})
