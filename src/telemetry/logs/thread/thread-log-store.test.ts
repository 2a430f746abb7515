// The log store on its own thread against the suite of all log stores, and what may go wrong between threads.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { logStoreConformance } from '../conformance.ts'
import { openThreadLogStore } from './thread-log-store.ts'

const newFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'ng-logs-thread-')), 'logs')
const removed = (folder: string): Promise<void> => rm(join(folder, '..'), { recursive: true })

logStoreConformance('the log store on its own thread', async () => {
  const folder = await newFolder()
  const logs = await openThreadLogStore({ folder })
  return {
    logs,
    reopen: async () => {
      await logs.close()
      return openThreadLogStore({ folder })
    },
    remove: () => removed(folder),
  }
})

it('brings Faults across, and answers nobody after it was closed', async () => {
  const folder = await newFolder()
  const logs = await openThreadLogStore({ folder })
  await expect(openThreadLogStore({ folder })).rejects.toMatchObject({
    name: 'Fault',
    kind: 'busy',
    message: expect.stringContaining('stop that one first'),
  })
  await logs.close()
  await logs.close()
  const stream = { account: '1', region: 'r', group: 'g', stream: 's' }
  await expect(logs.facts(stream)).rejects.toMatchObject({ kind: 'failed', message: 'the log store is closed' })
  await removed(folder)
})
