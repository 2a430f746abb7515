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
import type { Distribution } from '../distribution.ts'
import { dimensionsOf, dimensionText, inPeriods, joined, type Second, secondOf, seriesKey } from '../series.ts'

export interface SqliteMetricStoreOptions {
  /** Holds the metric store's files and nothing else; made if need be, for its owner only. */
  readonly folder: string
  readonly log?: Log
}

/** "NGme": marks the file as a Neargate metric store. */
const APPLICATION_ID = 0x4e476d65
const FORMAT = 2

const MARKS = 'CREATE TABLE marks (name TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID;'

const create = (db: DatabaseSync): void =>
  db.exec(`
    CREATE TABLE series (
      id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, namespace TEXT NOT NULL,
      name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL,
      UNIQUE (account, region, namespace, name, dimensions, unit));
    CREATE TABLE seconds (
      series INTEGER NOT NULL, at INTEGER NOT NULL, samples REAL NOT NULL, sum REAL NOT NULL,
      minimum REAL NOT NULL, maximum REAL NOT NULL, distribution TEXT, PRIMARY KEY (series, at)) WITHOUT ROWID;
    CREATE INDEX seconds_by_time ON seconds (at);
    ${MARKS}
  `)

/** The first format knew neither distributions nor marks. */
const migrate = (db: DatabaseSync): void => db.exec(`ALTER TABLE seconds ADD COLUMN distribution TEXT; ${MARKS}`)

/** Throws Fault 'busy' when another process has the file, 'unsupported' when a newer Neargate wrote it. */
export const openSqliteMetricStore = async ({ folder }: SqliteMetricStoreOptions): Promise<MetricStore> =>
  new SqliteMetricStore(
    await openSqliteFile({
      path: join(folder, 'metrics.sqlite'),
      applicationId: APPLICATION_ID,
      version: FORMAT,
      create,
      migrate,
    }),
  )

const IDENTITY = 'account, region, namespace, name, dimensions, unit'
const SECOND = 'samples, sum, minimum, maximum, distribution'

const statements = (db: DatabaseSync) => ({
  addSeries: db.prepare(`INSERT OR IGNORE INTO series (${IDENTITY}) VALUES (?, ?, ?, ?, ?, ?)`),
  findSeries: db.prepare(
    'SELECT id FROM series WHERE account = ? AND region = ? AND namespace = ? AND name = ? AND dimensions = ? AND unit = ?',
  ),
  second: db.prepare(`SELECT ${SECOND} FROM seconds WHERE series = ? AND at = ?`),
  put: db.prepare(`INSERT OR REPLACE INTO seconds (series, at, ${SECOND}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
  seconds: db.prepare(`SELECT at, ${SECOND} FROM seconds WHERE series = ? AND at >= ? AND at < ? ORDER BY at`),
  putMark: db.prepare('INSERT OR REPLACE INTO marks (name, mark) VALUES (?, ?)'),
  dropMark: db.prepare('DELETE FROM marks WHERE name = ?'),
  marks: db.prepare('SELECT name, mark FROM marks'),
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

type Row = Readonly<Record<string, unknown>>

const secondIn = (row: Row): Second => ({
  samples: Number(row['samples']),
  sum: Number(row['sum']),
  minimum: Number(row['minimum']),
  maximum: Number(row['maximum']),
  ...(typeof row['distribution'] === 'string' ? { distribution: JSON.parse(row['distribution']) as Distribution } : {}),
})

class SqliteMetricStore implements MetricStore {
  readonly #file: SqliteFile
  readonly #sql: ReturnType<typeof statements>
  /** The numbers of series by their keys: they are asked for every second. */
  readonly #known = new Map<string, number>()

  constructor(file: SqliteFile) {
    this.#file = file
    this.#sql = statements(file.db)
  }

  async append(told: readonly MetricSample[], marks: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
    // Not synced: samples are worth a process's death, not a wait for the disk.
    this.#file.commit(() => {
      for (const sample of told) {
        const series = this.#numberOf(sample)
        const before = this.#sql.second.get(series, sample.at)
        const second = joined(before === undefined ? undefined : secondIn(before), secondOf(sample))
        const { samples, sum, minimum, maximum, distribution } = second
        const spread = distribution === undefined ? null : JSON.stringify(distribution)
        this.#sql.put.run(series, sample.at, samples, sum, minimum, maximum, spread)
      }
      for (const [name, mark] of Object.entries(marks)) {
        if (mark === undefined) this.#sql.dropMark.run(name)
        else this.#sql.putMark.run(name, mark)
      }
    })
  }

  async marks(): Promise<Record<string, string>> {
    return Object.fromEntries(this.#sql.marks.all().map((row) => [String(row['name']), String(row['mark'])]))
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

  async read(metric: MetricIdentity, query: MetricQuery): Promise<MetricPoint[]> {
    const { from, to, periodSeconds, limit, percentiles = [] } = query
    const found = this.#sql.findSeries.get(...fields(metric))
    if (found === undefined) return []
    const series = Number(found['id'])
    if (percentiles.length > 0) {
      const rows = this.#sql.seconds.all(series, from, to)
      return inPeriods(
        rows.map((row) => ({ at: Number(row['at']), ...secondIn(row) })),
        query,
      )
    }
    const rows = this.#sql.read.all(series, from, to, periodSeconds, limit)
    return rows.map((row) => ({ at: Number(row['start']), ...secondIn(row) }))
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
