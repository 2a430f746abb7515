// Goal: with a full data disk the engine opens, adopts what runs, refuses what has no room, and takes all down.
// Method: the data directory is a small file system of its own, filled by the test.

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Log } from '#base/log.ts'
import { silentLog } from '#base/log.ts'
import { containerOf, openTrial, TASK, taskOf, type Trial } from './host-for-tests.ts'
import { openLinuxEngine } from './linux-engine.ts'

let folder: string
let disk: string
let trial: Trial | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-small-'))
  disk = join(folder, 'mount')
  mkdirSync(disk)
  execFileSync('truncate', ['-s', '64M', join(folder, 'image')])
  execFileSync('mkfs.ext4', ['-q', join(folder, 'image')])
  execFileSync('mount', ['-o', 'loop', join(folder, 'image'), disk])
})
afterEach(async () => {
  if (trial !== undefined) {
    await (await openLinuxEngine({ ...trial.options, purpose: 'destroy' })).destroy()
    await trial.close()
    trial = undefined
  }
  execFileSync('umount', [disk])
  rmSync(folder, { recursive: true })
})

const fill = (): void => {
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (;;) appendFileSync(join(disk, 'filler'), Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  // Nor is there a block for one more folder.
  expect(() => {
    for (let index = 0; index < 1000; index++) mkdirSync(join(disk, `full-${index}`))
  }).toThrow('ENOSPC')
}

const opened = async (running: Trial, changes: object = {}) => {
  const events: Record<string, unknown>[] = []
  const log: Log = { ...silentLog, info: (event, fields) => events.push({ event, ...fields }) }
  const engine = await openLinuxEngine({ ...running.options, ...changes, log })
  return { engine, event: events.find(({ event }) => event === 'engine.opened') }
}

const running = async (): Promise<{ trial: Trial; containerId: string }> => {
  trial = await openTrial({ dataDir: join(disk, 'data') })
  const container = containerOf({ command: ['sleep', '600'] })
  await trial.engine.prepare(taskOf(trial))
  await trial.engine.create(container)
  await trial.engine.start(container.id)
  await trial.engine.close()
  return { trial, containerId: container.id }
}

const sees = (containerId: string) => [
  expect.objectContaining({ id: TASK, containers: [expect.objectContaining({ id: containerId, state: 'running' })] }),
]

it('a restart adopts what runs, without trying anything, and still limits storage', async () => {
  const { trial: before, containerId } = await running()
  fill()
  const { engine, event } = await opened(before)
  expect(event).toMatchObject({ storage: before.engine.capabilities.storageLimit, tried: false })
  expect(await engine.observe()).toEqual(sees(containerId))
  expect(await engine.exec(containerId, ['echo', 'here'], 10)).toEqual({ exitCode: 0, output: 'here\n' })

  await expect(engine.prepare(taskOf(before, { id: 'f'.repeat(32) }))).rejects.toMatchObject({ kind: 'no-space' })
  await engine.remove('f'.repeat(32))
  await engine.destroy()
  expect(await before.leftovers()).toEqual([])
})

it('a restart that remembers nothing finds a runtime all the same, and keeps the limit', async () => {
  const { trial: before, containerId } = await running()
  rmSync(join(before.options.runDir, 'engine', 'host.json'))
  fill()
  const { engine, event } = await opened(before)
  expect(event).toMatchObject({ storage: before.engine.capabilities.storageLimit, tried: true })
  expect(await engine.observe()).toEqual(sees(containerId))
  await engine.destroy()
  expect(await before.leftovers()).toEqual([])
})

it('taking down tries nothing, and leaves nothing', async () => {
  const { trial: before, containerId } = await running()
  fill()
  const { engine, event } = await opened(before, { purpose: 'destroy' })
  expect(event).toMatchObject({ tried: false })
  expect(await engine.observe()).toEqual(sees(containerId))
  await engine.destroy()
  expect(await before.leftovers()).toEqual([])
})
