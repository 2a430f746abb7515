// What every store promises, as one suite that each implementation runs.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { table, type Change, type Store } from './store.ts'

interface Pet {
  readonly name: string
  readonly kind: string
  readonly owners: readonly string[]
  readonly age?: number | undefined
}

const pets = table<Pet>({
  name: 'test.pets',
  key: (pet) => pet.name,
  indexes: { kind: (pet) => [pet.kind], owner: (pet) => pet.owners },
})
const towns = table<{ readonly id: string; readonly mayor: { readonly name: string } }>({
  name: 'test.towns',
  key: (town) => town.id,
})

const pet = (name: string, kind = 'cat', owners: readonly string[] = []): Pet => ({ name, kind, owners })
const names = (found: readonly Pet[]): string => found.map((one) => one.name).join(' ')

export interface Opened {
  readonly store: Store
  /** The same rows in a newly opened store; absent where rows do not outlive the store. */
  readonly reopen?: () => Promise<Store>
  readonly remove?: () => Promise<void>
}

export const storeConformance = (title: string, open: () => Promise<Opened>): void => {
  describe(`${title} keeps the promises of a store`, () => {
    let opened: Opened
    let store: Store
    const put = (...rows: readonly Pet[]): Promise<void> =>
      store.write(async (tx) => {
        for (const row of rows) await tx.put(pets, row)
      })
    const list = (options?: Parameters<Parameters<Parameters<Store['read']>[0]>[0]['list']>[1]): Promise<string> =>
      store.read(async (reader) => names(await reader.list(pets, options)))

    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(async () => {
      await store.close()
      await opened.remove?.()
    })

    describe('rows', () => {
      it('are found by key, replaced by key and deleted by key', async () => {
        await put(pet('Tom'), pet('Rex', 'dog'))
        await put({ ...pet('Tom'), age: 4 })
        await store.write((tx) => tx.delete(pets, 'Rex'))
        await store.write((tx) => tx.delete(pets, 'nobody'))
        expect(await store.read((reader) => reader.get(pets, 'Tom'))).toEqual({ ...pet('Tom'), age: 4 })
        expect(await store.read((reader) => reader.get(pets, 'Rex'))).toBeUndefined()
        expect(await store.read((reader) => reader.count(pets))).toBe(1)
      })

      it('come in the order of their keys, by code units', async () => {
        await put(...['b', 'a', 'B', '😀', '\uff21', 'ä', 'a/1', 'a.1'].map((name) => pet(name)))
        expect(await list()).toBe('B a a.1 a/1 b ä 😀 \uff21')
      })

      it('are frozen all the way down, so that nobody can change what others see', async () => {
        await store.write((tx) => tx.put(towns, { id: 't', mayor: { name: 'Ann' } }))
        const town = await store.read((reader) => reader.get(towns, 't'))
        expect(() => Object.assign(town!.mayor, { name: 'Bob' })).toThrow(TypeError)
      })

      it('that JSON cannot carry are a bug of the caller, and the write leaves nothing', async () => {
        for (const bad of [new Date(0), Number.NaN, 1n, () => 1, new Map()]) {
          const row = { id: 'bad', mayor: bad } as never
          await expect(store.write((tx) => tx.put(towns, row))).rejects.toThrow(/not a JSON|no plain object/)
        }
        expect(await store.read((reader) => reader.count(towns))).toBe(0)
      })

      it('need a key that is well-formed text', async () => {
        for (const bad of ['', '\ud800', 'x'.repeat(5000)])
          await expect(put(pet(bad))).rejects.toThrow('cannot be a key')
      })

      it('belong to one table: the same key in another is another row, and a name is declared once', async () => {
        await put(pet('t'))
        expect(await store.read((reader) => reader.get(towns, 't'))).toBeUndefined()
        const twin = table<Pet>({ name: pets.name, key: (row) => row.kind })
        await expect(store.read((reader) => reader.list(twin))).rejects.toThrow('declared twice')
      })
    })

    describe('list and count', () => {
      beforeEach(() =>
        put(
          pet('Ada', 'cat', ['x', 'y']),
          pet('Bo', 'dog', ['y']),
          pet('Bobo', 'dog', ['y', 'y']),
          pet('Cy', 'cat', []),
        ),
      )

      it.each([
        [{}, 'Ada Bo Bobo Cy'],
        [{ prefix: 'Bo' }, 'Bo Bobo'],
        [{ prefix: 'Bo', after: 'Bo' }, 'Bobo'],
        [{ after: 'Az' }, 'Bo Bobo Cy'],
        [{ limit: 2 }, 'Ada Bo'],
        [{ limit: 0 }, ''],
        [{ index: 'kind', value: 'dog' }, 'Bo Bobo'],
        [{ index: 'owner', value: 'y' }, 'Ada Bo Bobo'],
        [{ index: 'owner', value: 'y', after: 'Ada', limit: 1 }, 'Bo'],
        [{ index: 'owner', value: 'y', prefix: 'Bob' }, 'Bobo'],
        [{ index: 'owner', value: 'z' }, ''],
      ] as const)('%j gives "%s"', async (options, expected) => {
        expect(await list(options)).toBe(expected)
        const { index, value, prefix } = options as { index?: string; value?: string; prefix?: string }
        if ('limit' in options || 'after' in options) return
        const only = {
          ...(index === undefined ? {} : { index }),
          ...(value === undefined ? {} : { value }),
          ...(prefix === undefined ? {} : { prefix }),
        }
        const counted = await store.read((reader) => reader.count(pets, only))
        expect(counted).toBe(expected === '' ? 0 : expected.split(' ').length)
      })

      it('follow a row whose index entries change', async () => {
        expect(await list({ index: 'kind', value: 'dog' })).toBe('Bo Bobo')
        await put(pet('Bo', 'cat', ['x']))
        await store.write((tx) => tx.delete(pets, 'Ada'))
        expect(await list({ index: 'kind', value: 'dog' })).toBe('Bobo')
        expect(await list({ index: 'kind', value: 'cat' })).toBe('Bo Cy')
        expect(await list({ index: 'owner', value: 'x' })).toBe('Bo')
      })

      it('refuse an index that was not declared', async () => {
        await expect(list({ index: 'colour', value: 'red' })).rejects.toThrow('no index colour')
      })

      it('page through many rows without gap or double', async () => {
        const expected = Array.from({ length: 500 }, (_, n) => `p${String((n * 7919) % 500).padStart(3, '0')}`)
        await put(...expected.map((name) => pet(name, 'fish')))
        const seen: string[] = []
        for (let after: string | undefined; ; after = seen.at(-1)) {
          const options = { index: 'kind', value: 'fish', limit: 7, ...(after === undefined ? {} : { after }) }
          const page = await store.read((reader) => reader.list(pets, options))
          if (page.length === 0) break
          seen.push(...page.map((one) => one.name))
        }
        expect(seen).toEqual(expected.toSorted())
      })
    })

    describe('a write', () => {
      it('sees its own changes, and nobody else does before it is committed', async () => {
        await put(pet('Ada'))
        const inside = store.write(async (tx) => {
          await tx.put(pets, pet('Bo'))
          await tx.delete(pets, 'Ada')
          return names(await tx.list(pets, { index: 'kind', value: 'cat' }))
        })
        expect(await list()).toBe('Ada')
        expect(await inside).toBe('Bo')
        expect(await list()).toBe('Bo')
      })

      it('that throws is undone alone, with its own error, whoever shares its commit', async () => {
        const good = put(pet('Ada'))
        const bad = store.write(async (tx) => {
          await tx.put(pets, pet('Bad'))
          await tx.delete(pets, 'Ada')
          throw new Error('changed my mind')
        })
        const seen = store.write(async (tx) => names(await tx.list(pets)))
        await expect(bad).rejects.toThrow('changed my mind')
        await good
        expect(await seen).toBe('Ada')
        expect(await list()).toBe('Ada')
      })

      it('runs after the one before it: 200 increments at once add up', async () => {
        await put({ ...pet('counter'), age: 0 })
        await Promise.all(
          Array.from({ length: 200 }, () =>
            store.write(async (tx) => {
              const row = (await tx.get(pets, 'counter'))!
              await tx.put(pets, { ...row, age: row.age! + 1 })
            }),
          ),
        )
        expect((await store.read((reader) => reader.get(pets, 'counter')))?.age).toBe(200)
      })

      it('is refused when it waits for anything else, so that nobody is held up for ever', async () => {
        const nested = store.write(async (tx) => {
          await tx.put(pets, pet('outer'))
          await put(pet('inner'))
        })
        await expect(nested).rejects.toThrow('waited for something other')
        expect(await list()).not.toContain('outer')
      })

      it('cannot go on once it is over', async () => {
        let kept: { put(row: Pet): Promise<void> } | undefined
        await store.write(async (tx) => {
          kept = { put: (row) => tx.put(pets, row) }
        })
        await expect(kept!.put(pet('late'))).rejects.toThrow('over')
        expect(await list()).toBe('')
      })
    })

    describe('a read', () => {
      it('keeps its snapshot while others write', async () => {
        await put(pet('Ada'))
        const seen = await store.read(async (reader) => {
          const before = names(await reader.list(pets))
          await put(pet('Bo'))
          await store.write((tx) => tx.delete(pets, 'Ada'))
          return [
            before,
            names(await reader.list(pets)),
            names(await reader.list(pets, { index: 'kind', value: 'cat' })),
          ]
        })
        expect(seen).toEqual(['Ada', 'Ada', 'Ada'])
        expect(await list()).toBe('Bo')
      })
    })

    describe('watch', () => {
      const told = (change: Change): string =>
        `${change.key} ${'before' in change ? 'had' : '-'} ${'after' in change ? 'has' : '-'}`

      it('tells each committed change of the watched tables once, in order, one call per write', async () => {
        const calls: string[][] = []
        store.watch([pets], (changes) => calls.push(changes.map(told)))
        await Promise.all([put(pet('Ada'), pet('Bo')), put(pet('Cy'))])
        await store.write((tx) => tx.put(towns, { id: 't', mayor: { name: 'Ann' } }))
        await store.write(async (tx) => {
          await tx.delete(pets, 'Ada')
          await tx.put(pets, { ...pet('Bo'), age: 1 })
          await tx.put(pets, { ...pet('Bo'), age: 2 })
          await tx.put(pets, pet('brief'))
          await tx.delete(pets, 'brief')
        })
        expect(calls).toEqual([['Ada - has', 'Bo - has'], ['Cy - has'], ['Ada had -', 'Bo had has']])
      })

      it('shows the row before and after, readable in the store by then', async () => {
        await put(pet('Ada'))
        const seen: unknown[] = []
        store.watch([pets], (changes) => seen.push(changes[0]))
        await put(pet('Ada', 'lion'))
        expect(seen).toEqual([{ table: 'test.pets', key: 'Ada', before: pet('Ada'), after: pet('Ada', 'lion') }])
      })

      it('tells nothing of a write that failed, and nothing after it was stopped', async () => {
        const calls: unknown[] = []
        const stop = store.watch([pets], (changes) => calls.push(changes))
        await store
          .write(async (tx) => {
            await tx.put(pets, pet('Bad'))
            throw new Error('no')
          })
          .catch(() => {})
        stop()
        await put(pet('Ada'))
        expect(calls).toEqual([])
      })
    })

    describe('closing', () => {
      it('waits for what is queued, and takes nothing after', async () => {
        const writes = Promise.all([put(pet('Ada')), put(pet('Bo'))])
        await store.close()
        await writes
        await expect(put(pet('Cy'))).rejects.toThrow('closed')
      })

      it('is not needed: what was answered is there in the next store, as it was', async () => {
        if (opened.reopen === undefined) return
        const odd = { ...pet('odd \u0000 "key" 😀 \u2028', 'cat', ['\ud800 lone', '']), age: -1.5e-7 }
        await put(odd, pet('Ada'), pet('Gone'))
        expect(await list({ index: 'kind', value: 'cat' })).toContain('Ada')
        await store.write((tx) => tx.delete(pets, 'Gone'))
        await put(pet('Ada', 'dog'))
        store = await opened.reopen()
        expect(await store.read((reader) => reader.list(pets))).toEqual([pet('Ada', 'dog'), odd])
        expect(await list({ index: 'owner', value: '' })).toBe(odd.name)
        await put(pet('Ada', 'cat'))
        expect(await list({ index: 'kind', value: 'dog' })).toBe('')
        expect(Object.isFrozen(await store.read((reader) => reader.get(pets, 'Ada')))).toBe(true)
      })
    })
  })
}
