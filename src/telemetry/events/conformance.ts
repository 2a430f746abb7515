// What every event store promises, as one suite that each implementation runs.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventQuery, EventStore, NewEvent } from './event-store.ts'

export interface OpenedEvents {
  readonly events: EventStore
  /** The same events in a newly opened store; absent where events do not outlive the store. */
  readonly reopen?: () => Promise<EventStore>
  readonly remove?: () => Promise<void>
}

const ACCOUNT = '123456789012'

/** "a@5 task:3" is the event "a" at 5 ms, telling the third state of the task. */
const event = (told: string, subjects: readonly string[] = []): NewEvent => {
  const [, text = '', at, of, version] = /^(\w+)@(\d+)(?: (\w+):(\d+))?$/.exec(told) ?? []
  return {
    account: ACCOUNT,
    at: Number(at),
    text,
    subjects,
    ...(of === undefined ? {} : { state: { of, version: Number(version) } }),
  }
}

export const eventStoreConformance = (title: string, open: () => Promise<OpenedEvents>): void => {
  describe(`${title} keeps the promises of an event store`, () => {
    let opened: OpenedEvents
    let events: EventStore
    const read = async (query: Partial<EventQuery> = {}): Promise<string> =>
      (await events.read({ account: ACCOUNT, limit: 100, ...query })).map(({ text }) => text).join(' ')

    beforeEach(async () => {
      opened = await open()
      events = opened.events
    })
    afterEach(async () => {
      await events.close()
      await opened.remove?.()
    })

    it('returns events in the order in which they were told, numbered', async () => {
      await events.append([event('b@7'), event('a@5')])
      await events.append([event('c@6')])
      expect(await read()).toBe('b a c')
      const [first, second, third] = await events.read({ account: ACCOUNT, limit: 10 })
      expect(second!.number).toBeGreaterThan(first!.number)
      expect(third!.number).toBeGreaterThan(second!.number)
      expect(third).toMatchObject({ at: 6, text: 'c' })
      expect(await events.lastNumber()).toBe(third!.number)
    })

    it('goes on after a number, from a time, at most so many', async () => {
      await events.append(['a@1', 'b@2', 'c@3', 'd@4'].map((one) => event(one)))
      const [, second] = await events.read({ account: ACCOUNT, limit: 2 })
      expect(await read({ after: second!.number })).toBe('c d')
      expect(await read({ since: 3 })).toBe('c d')
      expect(await read({ since: 2, limit: 2 })).toBe('b c')
      expect(await read({ limit: 0 })).toBe('')
    })

    it('finds what an event is about, and keeps accounts apart', async () => {
      await events.append([event('a@1', ['task', 'web']), event('b@2', ['web']), event('c@3', ['task', 'db'])])
      await events.append([{ ...event('d@4', ['web']), account: '000000000000' }])
      expect(await read({ subject: 'web' })).toBe('a b')
      expect(await read({ subject: 'task' })).toBe('a c')
      expect(await read({ subject: 'nobody' })).toBe('')
      expect(await read({ account: '000000000000' })).toBe('d')
    })

    it('keeps every character', async () => {
      const text = JSON.stringify({ text: '"\\ \u0000 ä€😀\u2028' })
      await events.append([{ ...event('a@1'), text }])
      expect(await read()).toBe(text)
    })

    it('remembers the highest version told of each thing until it is forgotten', async () => {
      await events.append([event('a@1 one:1'), event('b@2 one:3'), event('c@3 one:2'), event('d@4 two:9')])
      expect(Object.fromEntries(await events.versions())).toEqual({ one: 3, two: 9 })
      await events.forget(['two', 'three'])
      expect(Object.fromEntries(await events.versions())).toEqual({ one: 3 })
      expect(await read()).toBe('a b c d')
    })

    it('drops what is too old, with its traces, and never uses a number again', async () => {
      await events.append([event('a@1', ['x']), event('b@2', ['x']), event('c@3', ['x'])])
      const last = await events.lastNumber()
      await events.expire(3, 1000)
      expect(await read({ subject: 'x' })).toBe('c')
      await events.expire(9, 1000)
      expect(await read()).toBe('')
      await events.append([event('d@10')])
      expect((await events.read({ account: ACCOUNT, limit: 1 }))[0]!.number).toBeGreaterThan(last)
    })

    it('keeps the newest within its bytes, counted in UTF-8', async () => {
      const told = ['aaaa', 'bbbb', 'ä'].map((text, at) => ({ ...event('x@1'), at, text }))
      await events.append(told)
      await events.expire(0, 6)
      expect(await read()).toBe('bbbb ä')
      await events.expire(0, 5)
      expect(await read()).toBe('ä')
    })

    it('is the same after it was closed and opened again', async () => {
      const { reopen } = opened
      if (reopen === undefined) return
      await events.append([event('a@1 one:1', ['x']), event('b@2')])
      await events.expire(2, 1000)
      const last = await events.lastNumber()
      events = await reopen()
      expect(await read()).toBe('b')
      expect(await events.lastNumber()).toBe(last)
      expect((await events.versions()).get('one')).toBe(1)
    })
  })
}
