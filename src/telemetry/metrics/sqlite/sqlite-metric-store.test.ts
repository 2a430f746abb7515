// The durable metric store against the suite of all metric stores, and on a thread of its own.

import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { metricStoreConformance } from '../conformance.ts'
import { openThreadMetricStore } from '../thread/thread-metric-store.ts'
import { openSqliteMetricStore } from './sqlite-metric-store.ts'

const newFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'ng-metrics-')), 'metrics')
const removed = (folder: string): Promise<void> => rm(join(folder, '..'), { recursive: true })

for (const [title, openStore] of [
  ['the metric store in SQLite', openSqliteMetricStore],
  ['the metric store on its own thread', openThreadMetricStore],
] as const) {
  metricStoreConformance(title, async () => {
    const folder = await newFolder()
    const metrics = await openStore({ folder })
    return {
      metrics,
      reopen: async () => {
        await metrics.close()
        return openStore({ folder })
      },
      remove: () => removed(folder),
    }
  })
}

it('is for its owner only, and gives back the disk that expired samples took', async () => {
  const folder = await newFolder()
  const metrics = await openSqliteMetricStore({ folder })
  const metric = { account: '1', region: 'r', namespace: 'n', name: 'm', unit: 'Count', dimensions: { Of: 'it' } }
  const value = { samples: 1, sum: 1, minimum: 1, maximum: 1 }
  await metrics.append(Array.from({ length: 50_000 }, (_, at) => ({ ...metric, ...value, at })))
  await metrics.expire(0, 10)
  await metrics.close()
  const { size, mode } = await stat(join(folder, 'metrics.sqlite'))
  expect(size).toBeLessThan(256 * 1024)
  expect(mode & 0o777).toBe(0o600)
  await removed(folder)
})

it('goes on with what its first format has kept', async () => {
  const folder = await newFolder()
  await mkdir(folder, { mode: 0o700 })
  const old = new DatabaseSync(join(folder, 'metrics.sqlite'))
  old.exec(`
    CREATE TABLE series (
      id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, namespace TEXT NOT NULL,
      name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL,
      UNIQUE (account, region, namespace, name, dimensions, unit));
    CREATE TABLE seconds (
      series INTEGER NOT NULL, at INTEGER NOT NULL, samples REAL NOT NULL, sum REAL NOT NULL,
      minimum REAL NOT NULL, maximum REAL NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
    CREATE INDEX seconds_by_time ON seconds (at);
    INSERT INTO series VALUES (1, '1', 'r', 'n', 'm', '[]', 'Count');
    INSERT INTO seconds VALUES (1, 5, 2, 3, 1, 2);
    PRAGMA application_id=${0x4e476d65}; PRAGMA user_version=1;
  `)
  old.close()
  const metrics = await openSqliteMetricStore({ folder })
  const metric = { account: '1', region: 'r', namespace: 'n', name: 'm', unit: 'Count', dimensions: {} }
  await metrics.append([{ ...metric, at: 5, samples: 1, sum: 4, minimum: 4, maximum: 4 }])
  const query = { from: 0, to: 9, periodSeconds: 1, limit: 9 }
  expect(await metrics.read(metric, { ...query, percentiles: [50] })).toEqual([
    { at: 5, samples: 3, sum: 7, minimum: 1, maximum: 4 },
  ])
  await metrics.close()
  await removed(folder)
})
