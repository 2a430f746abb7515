// The durable event store against the suite of all event stores, and on a thread of its own.

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventStoreConformance } from '../conformance.ts'
import { openThreadEventStore } from '../thread/thread-event-store.ts'
import { openSqliteEventStore } from './sqlite-event-store.ts'

const newFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'ng-events-')), 'events')
const removed = (folder: string): Promise<void> => rm(join(folder, '..'), { recursive: true })

for (const [title, openStore] of [
  ['the event store in SQLite', openSqliteEventStore],
  ['the event store on its own thread', openThreadEventStore],
] as const) {
  eventStoreConformance(title, async () => {
    const folder = await newFolder()
    const events = await openStore({ folder })
    return {
      events,
      reopen: async () => {
        await events.close()
        return openStore({ folder })
      },
      remove: () => removed(folder),
    }
  })
}

it('is for its owner only, and gives back the disk that expired events took', async () => {
  const folder = await newFolder()
  const events = await openSqliteEventStore({ folder })
  const path = join(folder, 'events.sqlite')
  const text = 'x'.repeat(2000)
  for (let batch = 0; batch < 5; batch++) {
    await events.append(Array.from({ length: 1000 }, () => ({ account: '1', at: 1, subjects: ['a', 'b'], text })))
  }
  await events.expire(2, 0)
  await events.close()
  const { size, mode } = await stat(path)
  expect(size).toBeLessThan(1024 * 1024)
  expect(mode & 0o777).toBe(0o600)
  await removed(folder)
})
