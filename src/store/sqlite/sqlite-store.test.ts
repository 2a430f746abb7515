// The SQLite store against the suite of all stores, and what is its own: the file, its owner, its format.

import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storeConformance } from '../conformance.ts'
import type { Migration } from '../migrations/migrations.ts'
import { table } from '../store.ts'
import { openSqliteStore } from './sqlite-store.ts'

const newFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'ng-store-')), 'store')
const removed = (folder: string): Promise<void> => rm(join(folder, '..'), { recursive: true })

storeConformance('the SQLite store', async () => {
  const folder = await newFolder()
  const store = await openSqliteStore({ folder })
  return {
    store,
    reopen: async () => {
      await store.close()
      return openSqliteStore({ folder })
    },
    remove: () => removed(folder),
  }
})

const things = table<{ readonly id: string; readonly size?: number; readonly sizeMiB?: number }>({
  name: 'test.things',
  key: (thing) => thing.id,
  indexes: { size: (thing) => [String(thing.size)] },
})

describe('the file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await newFolder()
  })
  afterEach(() => removed(folder))

  it('and its folder are for their owner only', async () => {
    const store = await openSqliteStore({ folder })
    await store.write((tx) => tx.put(things, { id: 'a' }))
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const name of ['store.sqlite', 'store.sqlite-wal', 'store.sqlite.owner']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    }
    await store.close()
  })

  it('is made private again if somebody opened it up', async () => {
    await (await openSqliteStore({ folder })).close()
    await chmod(join(folder, 'store.sqlite'), 0o666)
    await (await openSqliteStore({ folder })).close()
    expect((await stat(join(folder, 'store.sqlite'))).mode & 0o777).toBe(0o600)
  })

  it('has one owner: a second opener is told which process to stop', async () => {
    const store = await openSqliteStore({ folder })
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining(`process ${process.pid}; stop that one first`),
    })
    await store.write((tx) => tx.put(things, { id: 'still works' }))
    await store.close()
  })

  it('that is damaged or a stranger’s is refused', async () => {
    await (await openSqliteStore({ folder })).close()
    await writeFile(join(folder, 'store.sqlite'), 'not a database at all, but long enough to look at'.repeat(100))
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ kind: 'invalid' })
  })

  const rename: Migration = {
    to: 2,
    what: 'size is called sizeMiB',
    change: (stored) => {
      if (stored.table !== 'test.things') return [stored]
      const { size, ...rest } = stored.row as { size: number }
      return size === 0 ? [] : [{ ...stored, row: { ...rest, sizeMiB: size } }]
    },
  }
  const double: Migration = {
    to: 3,
    what: 'every thing has a shadow',
    change: (stored) => [
      stored,
      { ...stored, key: `${stored.key}-shadow`, row: { ...(stored.row as object), id: `${stored.key}-shadow` } },
    ],
  }

  it('of an older format is brought forward, once', async () => {
    const old = await openSqliteStore({ folder, migrations: [] })
    await old.write(async (tx) => {
      await tx.put(things, { id: 'a', size: 1 })
      await tx.put(things, { id: 'b', size: 0 })
    })
    await old.close()
    for (let start = 0; start < 2; start++) {
      const store = await openSqliteStore({ folder, migrations: [rename, double] })
      expect(await store.read((reader) => reader.list(things))).toEqual([
        { id: 'a', sizeMiB: 1 },
        { id: 'a-shadow', sizeMiB: 1 },
      ])
      await store.close()
    }
  })

  it('stays as it was when a migration fails', async () => {
    const old = await openSqliteStore({ folder, migrations: [] })
    await old.write((tx) => tx.put(things, { id: 'a', size: 1 }))
    await old.close()
    const broken: Migration = {
      to: 2,
      what: 'never works',
      change: () => {
        throw new Error('wrong')
      },
    }
    await expect(openSqliteStore({ folder, migrations: [broken] })).rejects.toThrow('wrong')
    const again = await openSqliteStore({ folder, migrations: [] })
    expect(await again.read((reader) => reader.get(things, 'a'))).toEqual({ id: 'a', size: 1 })
    await again.close()
  })

  it('of a newer format is refused, with what to do', async () => {
    await (await openSqliteStore({ folder, migrations: [rename, double] })).close()
    await expect(openSqliteStore({ folder, migrations: [rename] })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('(format 3, this one knows 2); start that version again'),
    })
  })

  it('with a gap in its migrations is a bug', async () => {
    await expect(openSqliteStore({ folder, migrations: [double] })).rejects.toThrow('leads to 3, not to 2')
  })
})
