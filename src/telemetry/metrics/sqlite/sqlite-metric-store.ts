// The durable metric store: one SQLite file, one row for each metric and second.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Log } from '#base/log.ts'
import { openSqliteFile, type SqliteFile } from '#base/sqlite-file.ts'
import { SAMPLES_PER_SWEEP } from '../limits.ts'
import type {
  MetricFilter,
  MetricIdentity,
  MetricPoint,
  MetricQuery,
  MetricSample,
  MetricStore,
} from '../metric-store.ts'
import { dimensionsOf, dimensionText, seriesKey } from '../series.ts'

export interface SqliteMetricStoreOptions {
  /** Holds the metric store's files and nothing else; made if need be, for its owner only. */
  readonly folder: string
  readonly log?: Log
}

/** "NGme": marks the file as a Neargate metric store. */
const APPLICATION_ID = 0x4e476d65
const FORMAT = 1

const create = (db: DatabaseSync): void =>
  db.exec(`
    CREATE TABLE series (
      id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, namespace TEXT NOT NULL,
      name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL,
      UNIQUE (account, region, namespace, name, dimensions, unit));
    CREATE TABLE seconds (
      series INTEGER NOT NULL, at INTEGER NOT NULL, samples REAL NOT NULL, sum REAL NOT NULL,
      minimum REAL NOT NULL, maximum REAL NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
    CREATE INDEX seconds_by_time ON seconds (at);
  `)

/** Throws Fault 'busy' when another process has the file, 'unsupported' when a newer Neargate wrote it. */
export const openSqliteMetricStore = async ({ folder }: SqliteMetricStoreOptions): Promise<MetricStore> =>
  new SqliteMetricStore(
    await openSqliteFile({
      path: join(folder, 'metrics.sqlite'),
      applicationId: APPLICATION_ID,
      version: FORMAT,
      create,
    }),
  )

const IDENTITY = 'account, region, namespace, name, dimensions, unit'

const statements = (db: DatabaseSync) => ({
  addSeries: db.prepare(`INSERT OR IGNORE INTO series (${IDENTITY}) VALUES (?, ?, ?, ?, ?, ?)`),
  findSeries: db.prepare(
    'SELECT id FROM series WHERE account = ? AND region = ? AND namespace = ? AND name = ? AND dimensions = ? AND unit = ?',
  ),
  add: db.prepare(
    'INSERT INTO seconds (series, at, samples, sum, minimum, maximum) VALUES (?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT (series, at) DO UPDATE SET samples = samples + excluded.samples, sum = sum + excluded.sum, ' +
      'minimum = min(minimum, excluded.minimum), maximum = max(maximum, excluded.maximum)',
  ),
  list: db.prepare(
    `SELECT ${IDENTITY} FROM series WHERE account = ?1 AND region = ?2 AND (?3 IS NULL OR namespace = ?3) ` +
      'AND (?4 IS NULL OR name = ?4) AND (?5 IS NULL OR dimensions = ?5) ORDER BY namespace, name, dimensions, unit',
  ),
  read: db.prepare(
    'SELECT at - at % ?4 AS start, sum(samples) AS samples, sum(sum) AS sum, min(minimum) AS minimum, ' +
      'max(maximum) AS maximum FROM seconds WHERE series = ?1 AND at >= ?2 AND at < ?3 GROUP BY start ORDER BY start LIMIT ?5',
  ),
  nthNewest: db.prepare('SELECT at FROM seconds ORDER BY at DESC LIMIT 1 OFFSET ?'),
  drop: db.prepare(
    'DELETE FROM seconds WHERE (series, at) IN (SELECT series, at FROM seconds WHERE at < ? ORDER BY at LIMIT ?)',
  ),
  dropSeries: db.prepare('DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM seconds WHERE series = series.id)'),
})

const fields = ({ account, region, namespace, name, dimensions, unit }: MetricIdentity) =>
  [account, region, namespace, name, dimensionText(dimensions), unit] as const

class SqliteMetricStore implements MetricStore {
  readonly #file: SqliteFile
  readonly #sql: ReturnType<typeof statements>
  /** The numbers of series by their keys: they are asked for every second. */
  readonly #known = new Map<string, number>()

  constructor(file: SqliteFile) {
    this.#file = file
    this.#sql = statements(file.db)
  }

  async append(told: readonly MetricSample[]): Promise<void> {
    // Not synced: samples are worth a process's death, not a wait for the disk.
    this.#file.commit(() => {
      for (const sample of told) {
        const { at, samples, sum, minimum, maximum } = sample
        this.#sql.add.run(this.#numberOf(sample), at, samples, sum, minimum, maximum)
      }
    })
  }

  async list({ account, region, namespace, name, dimensions }: MetricFilter): Promise<MetricIdentity[]> {
    const wanted = dimensions === undefined ? null : dimensionText(dimensions)
    return this.#sql.list.all(account, region, namespace ?? null, name ?? null, wanted).map((row) => ({
      account: String(row['account']),
      region: String(row['region']),
      namespace: String(row['namespace']),
      name: String(row['name']),
      dimensions: dimensionsOf(String(row['dimensions'])),
      unit: String(row['unit']),
    }))
  }

  async read(metric: MetricIdentity, { from, to, periodSeconds, limit }: MetricQuery): Promise<MetricPoint[]> {
    const found = this.#sql.findSeries.get(...fields(metric))
    if (found === undefined) return []
    return this.#sql.read.all(Number(found['id']), from, to, periodSeconds, limit).map((row) => ({
      at: Number(row['start']),
      samples: Number(row['samples']),
      sum: Number(row['sum']),
      minimum: Number(row['minimum']),
      maximum: Number(row['maximum']),
    }))
  }

  async expire(before: number, most: number): Promise<void> {
    const firstBeyond = this.#sql.nthNewest.get(most)?.['at']
    const border = Math.max(before, firstBeyond === undefined ? 0 : Number(firstBeyond) + 1)
    for (let dropped = SAMPLES_PER_SWEEP; dropped === SAMPLES_PER_SWEEP; await nextTurn()) {
      this.#file.commit(() => {
        dropped = Number(this.#sql.drop.run(border, SAMPLES_PER_SWEEP).changes)
      })
    }
    this.#file.commit(() => this.#sql.dropSeries.run())
    this.#known.clear()
    this.#file.db.exec('PRAGMA incremental_vacuum')
  }

  async close(): Promise<void> {
    await this.#file.synced()
    await this.#file.close()
  }

  #numberOf(metric: MetricIdentity): number {
    const key = seriesKey(metric)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#sql.addSeries.run(...fields(metric))
    const number = Number(this.#sql.findSeries.get(...fields(metric))?.['id'])
    this.#known.set(key, number)
    return number
  }
}
