// The SQLite log store against the suite of all log stores, and what is its own: the file and its size.

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { systemRandom } from '#base/random.ts'
import { logStoreConformance } from '../conformance.ts'
import { openSqliteLogStore } from './sqlite-log-store.ts'

const newFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'ng-logs-')), 'logs')
const removed = (folder: string): Promise<void> => rm(join(folder, '..'), { recursive: true })
const stream = { account: '123456789012', region: 'eu-west-1', group: 'g', stream: 's' }

logStoreConformance('the SQLite log store', async () => {
  const folder = await newFolder()
  const logs = await openSqliteLogStore({ folder })
  return {
    logs,
    reopen: async () => {
      await logs.close()
      return openSqliteLogStore({ folder })
    },
    remove: () => removed(folder),
  }
})

it('stores repetitive lines in a fifth of their size or less', async () => {
  const folder = await newFolder()
  const logs = await openSqliteLogStore({ folder })
  const line = (n: number): string => `10.0.${n % 7}.${n % 251} - GET /items/${n} HTTP/1.1 200 ${n % 1999} "curl/8.0"`
  const lines = Array.from({ length: 50_000 }, (_, n) => ({ timestamp: n, message: line(n) }))
  await logs.append(stream, lines, { ingestionTime: 0 })
  const { storedBytes } = await logs.facts(stream)
  await logs.close()
  expect((await stat(join(folder, 'logs.sqlite'))).size).toBeLessThan(storedBytes / 5)
  await removed(folder)
})

it('gives the disk back after a large stream was deleted, also when it was closed meanwhile', async () => {
  const folder = await newFolder()
  const path = join(folder, 'logs.sqlite')
  let logs = await openSqliteLogStore({ folder })
  for (let n = 0; n < 40; n++) {
    const message = systemRandom.alphanumeric(100).repeat(5) + systemRandom.hex(900_000)
    await logs.append(stream, [{ timestamp: n, message }], { ingestionTime: 0 })
  }
  await logs.append({ ...stream, stream: 'kept' }, [{ timestamp: 1, message: 'kept' }], { ingestionTime: 0 })
  await logs.close()
  const before = (await stat(path)).size
  expect(before).toBeGreaterThan(17_000_000)
  logs = await openSqliteLogStore({ folder })
  await logs.deleteStream(stream)
  await logs.close()
  logs = await openSqliteLogStore({ folder })
  // Nobody waits for the sweeper but this: an expiry comes after it in the queue.
  await logs.expire({ ...stream, stream: 'kept' }, 0)
  expect(await logs.read({ ...stream, stream: 'kept' }, { direction: 'forward', limit: 9 })).toHaveLength(1)
  await logs.close()
  expect((await stat(path)).size).toBeLessThan(17_000_000)
  await removed(folder)
})

it('says so when a stored block is damaged', async () => {
  const folder = await newFolder()
  let logs = await openSqliteLogStore({ folder })
  await logs.append(stream, [{ timestamp: 1, message: 'x'.repeat(5000) }], { ingestionTime: 0 })
  await logs.close()
  const db = new DatabaseSync(join(folder, 'logs.sqlite'))
  db.exec("UPDATE blocks SET packed = x'01ffff'")
  db.close()
  logs = await openSqliteLogStore({ folder })
  const damaged = { kind: 'invalid', message: expect.stringContaining('damaged') }
  await expect(logs.read(stream, { direction: 'forward', limit: 1 })).rejects.toMatchObject(damaged)
  await logs.close()
  await removed(folder)
})
