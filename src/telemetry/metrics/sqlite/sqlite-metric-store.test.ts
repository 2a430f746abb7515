// The durable metric store against the suite of all metric stores, and on a thread of its own.

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
