// The SQLite store when the world fails: the process is killed in the middle of writes, the disk is full.

import { spawn, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { table } from '../store.ts'
import { openSqliteStore } from './sqlite-store.ts'

const marks = table<{ readonly id: string; readonly round: number; readonly text: string }>({
  name: 'test.marks',
  key: (mark) => mark.id,
})

/** Writes pairs of rows for ever, several writers at once, and says on its output which pairs were acknowledged. */
const writer = `
  import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
  const [folder, round] = process.argv.slice(-2)
  const marks = { name: 'test.marks', key: (mark) => mark.id, indexes: {} }
  const store = await openSqliteStore({ folder })
  const one = async (lane) => {
    for (let n = 0; ; n++) {
      const id = round + '.' + lane + '.' + n
      const text = 'x'.repeat((n * 997) % 20000)
      await store.write(async (tx) => {
        await tx.put(marks, { id: id + '/left', round: Number(round), text })
        await tx.put(marks, { id: id + '/right', round: Number(round), text })
        if (n > 3) {
          const old = round + '.' + lane + '.' + (n - 3)
          await tx.delete(marks, old + '/left')
          await tx.delete(marks, old + '/right')
        }
      })
      process.stdout.write(id + '\\n')
    }
  }
  for (const lane of ['a', 'b', 'c', 'd']) one(lane)
`

/** Runs the writer, kills it after that many acknowledgements, and returns all it acknowledged. */
const killedAfter = async (folder: string, round: number, count: number): Promise<string[]> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line)
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  return acknowledged
}

it('keeps every acknowledged write and no half one, however often it is killed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ng-store-kill-'))
  const folder = join(root, 'store')
  try {
    for (let round = 0; round < 32; round++) {
      const acknowledged = await killedAfter(folder, round, 1 + ((round * 37) % 150))
      expect(acknowledged.length).toBeGreaterThan(0)
      const store = await openSqliteStore({ folder })
      const ids = new Set((await store.read((reader) => reader.list(marks))).map((mark) => mark.id))
      for (const id of ids)
        expect(ids).toContain(id.replace(/left|right/, (side) => (side === 'left' ? 'right' : 'left')))
      // Each lane deletes a pair three writes later, so the last acknowledged one must still be there.
      for (const lane of ['a', 'b', 'c', 'd']) {
        const last = acknowledged.findLast((id) => id.split('.')[1] === lane)
        expect(ids.has(`${last}/left`) || last === undefined, `${last} was lost`).toBe(true)
      }
      await store.close()
    }
  } finally {
    await rm(root, { recursive: true })
  }
})

it('refuses writes while the disk is full, keeps reading, and goes on when there is room', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ng-store-full-'))
  const disk = join(root, 'disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
  try {
    const store = await openSqliteStore({ folder: join(disk, 'store') })
    const put = (id: string, size: number): Promise<void> =>
      store.write((tx) => tx.put(marks, { id, round: 0, text: 'x'.repeat(size) }))
    const ids = async (): Promise<string> =>
      (await store.read((reader) => reader.list(marks))).map((mark) => mark.id).join(' ')
    const told: string[] = []
    store.watch([marks], (changes) => told.push(...changes.map((change) => change.key)))

    await put('before', 10_000)
    await writeFile(join(disk, 'ballast'), Buffer.alloc(1_000_000))
    await expect(put('too-big', 1_500_000)).rejects.toMatchObject({ name: 'Fault', kind: 'no-space' })
    expect(await ids()).toBe('before')
    await expect(put('too-big', 1_500_000)).rejects.toMatchObject({ kind: 'no-space' })
    await rm(join(disk, 'ballast'))
    await put('after', 500_000)
    expect(await ids()).toBe('after before')
    expect(told).toEqual(['before', 'after'])
    await store.close()

    const again = await openSqliteStore({ folder: join(disk, 'store') })
    expect((await again.read((reader) => reader.list(marks))).map((mark) => mark.id)).toEqual(['after', 'before'])
    await again.close()
  } finally {
    execFileSync('umount', ['--lazy', disk])
    await rm(root, { recursive: true })
  }
})

it('is free again the moment its owner is killed, and names the owner before that', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ng-store-owner-'))
  const folder = join(root, 'store')
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, folder, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining(`process ${child.pid}`),
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdout.resume()
    child.kill('SIGKILL')
    await ended
    await (await openSqliteStore({ folder })).close()
  } finally {
    child.kill('SIGKILL')
    await rm(root, { recursive: true })
  }
})
