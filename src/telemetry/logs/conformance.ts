// What every log store promises, as one suite that each implementation runs.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import type { LogEvent, LogStore, ReadOptions, StreamId } from './log-store.ts'

export interface OpenedLogs {
  readonly logs: LogStore
  /** The same events in a newly opened store; absent where events do not outlive the store. */
  readonly reopen?: () => Promise<LogStore>
  readonly remove?: () => Promise<void>
}

const web: StreamId = { account: '123456789012', region: 'eu-west-1', group: '/ecs/web', stream: 'web/app/1' }
const NOW = 1_700_000_000_000

/** "3a 5b" are events a at 3 ms and b at 5 ms. */
const events = (text: string): LogEvent[] =>
  text.split(' ').map((word) => ({ timestamp: NOW + Number.parseInt(word), message: word.replace(/^\d+/, '') }))

export const logStoreConformance = (title: string, open: () => Promise<OpenedLogs>): void => {
  describe(`${title} keeps the promises of a log store`, () => {
    let opened: OpenedLogs
    let logs: LogStore
    const append = (text: string, source?: { name: string; position: number }, stream = web): Promise<void> =>
      logs.append(stream, events(text), { ingestionTime: NOW + 99, ...(source === undefined ? {} : { source }) })
    const read = async (options: Partial<ReadOptions> = {}, stream = web): Promise<string> =>
      (await logs.read(stream, { direction: 'forward', limit: 10_000, ...options }))
        .map((event) => `${event.timestamp - NOW}${event.message}`)
        .join(' ')

    beforeEach(async () => {
      opened = await open()
      logs = opened.logs
    })
    afterEach(async () => {
      await logs.close()
      await opened.remove?.()
    })

    it('returns events as they came, numbered, with the time we took them', async () => {
      await append('1a 2b')
      await append('3c')
      const stored = await logs.read(web, { direction: 'forward', limit: 10 })
      expect(stored.map((event) => event.message)).toEqual(['a', 'b', 'c'])
      expect(stored[0]).toMatchObject({ timestamp: NOW + 1, ingestionTime: NOW + 99 })
      expect(stored[1]!.sequence).toBeGreaterThan(stored[0]!.sequence)
      expect(stored[2]!.sequence).toBeGreaterThan(stored[1]!.sequence)
    })

    it('keeps every character that UTF-8 has, and puts the replacement for what it has not', async () => {
      const messages = ['', ' ', '\u0000\u0001', '"quoted"\\', 'ä€😀', '\u2028', 'x\ud800y', '\n\r\t']
      const batch = messages.map((message) => ({ timestamp: NOW, message }))
      await logs.append(web, batch, { ingestionTime: NOW })
      const stored = await logs.read(web, { direction: 'forward', limit: 100 })
      expect(stored.map((event) => event.message)).toEqual(messages.map((message) => message.toWellFormed()))
    })

    it('sorts by timestamp, and by arrival where timestamps are equal, across batches', async () => {
      await append('5e 9i')
      await append('1a 5f 7g')
      await append('9j 3c 1b')
      expect(await read()).toBe('1a 1b 3c 5e 5f 7g 9i 9j')
      expect(await read({ direction: 'backward' })).toBe('1a 1b 3c 5e 5f 7g 9i 9j')
    })

    it.each([
      [{ limit: 2 }, '1a 2b'],
      [{ limit: 2, direction: 'backward' }, '4d 5e'],
      [{ startTime: NOW + 2, endTime: NOW + 4 }, '2b 3c'],
      [{ startTime: NOW + 2, endTime: NOW + 5, limit: 1, direction: 'backward' }, '4d'],
      [{ startTime: NOW + 6 }, ''],
      [{ endTime: NOW + 1 }, ''],
      [{ limit: 0 }, ''],
    ] as const)('reads %j as "%s"', async (options, expected) => {
      await append('1a 2b')
      await append('3c 4d')
      await append('5e')
      expect(await read(options)).toBe(expected)
    })

    it('pages both ways from a place, without gap or double, whatever overlaps', async () => {
      const random = seededRandom(7)
      let total = 0
      for (let batch = 0; batch < 120; batch++) {
        const size = 1 + Math.floor(random.fraction() * 12)
        const base = Math.floor(batch / 3) * 10
        const text = Array.from({ length: size }, () => `${base + Math.floor(random.fraction() * 25)}m${total++}`)
        await append(text.join(' '))
      }
      const all = await logs.read(web, { direction: 'forward', limit: 10_000 })
      expect(all).toHaveLength(total)
      for (const direction of ['forward', 'backward'] as const) {
        const seen: typeof all = []
        for (;;) {
          const edge = direction === 'forward' ? seen.at(-1) : seen[0]
          const page = await logs.read(web, { direction, limit: 37, ...(edge === undefined ? {} : { from: edge }) })
          if (page.length === 0) break
          if (direction === 'forward') seen.push(...page)
          else seen.unshift(...page)
        }
        expect(seen).toEqual(all)
      }
    })

    it('keeps streams apart by account, region, group and name', async () => {
      const others = [
        { ...web, account: '210987654321' },
        { ...web, region: 'us-east-1' },
        { ...web, group: '/ecs' },
        { ...web, group: '/ecs/web/web', stream: 'app/1' },
        { ...web, stream: 'web/app/10' },
      ]
      await append('1mine')
      for (const other of others) expect(await read({}, other)).toBe('')
      for (const other of others) await append('1theirs', undefined, other)
      expect(await read()).toBe('1mine')
    })

    describe('a source', () => {
      it('has its batches taken once, however often they are sent', async () => {
        expect(await logs.position(web, 'c1')).toBeUndefined()
        await append('1a', { name: 'c1', position: 10 })
        await append('1a', { name: 'c1', position: 10 })
        await append('1old', { name: 'c1', position: 5 })
        await append('2b', { name: 'c1', position: 11 })
        expect(await read()).toBe('1a 2b')
        expect(await logs.position(web, 'c1')).toBe(11)
      })

      it('is its own: others and other streams are not held back by it', async () => {
        await append('1a', { name: 'c1', position: 10 })
        await append('2b', { name: 'c2', position: 1 })
        await append('3c')
        await append('4d', { name: 'c1', position: 1 }, { ...web, stream: 'other' })
        expect(await read()).toBe('1a 2b 3c')
        expect(await logs.position(web, 'c2')).toBe(1)
      })

      it('may leave further marks, which hold nothing back', async () => {
        const options = { ingestionTime: NOW, source: { name: 'c1', position: 9 }, marks: { 'c1/out': 4, 'c1/err': 9 } }
        await logs.append(web, events('1a'), options)
        expect(await logs.position(web, 'c1/out')).toBe(4)
        expect(await logs.position(web, 'c1/err')).toBe(9)
        await logs.append(web, events('1a'), { ...options, marks: { 'c1/out': 1 } })
        expect(await logs.position(web, 'c1/out')).toBe(4)
        await logs.append(web, events('2b'), { ingestionTime: NOW, marks: { 'c1/out': 2 } })
        expect(await logs.position(web, 'c1/out')).toBe(2)
        expect(await read()).toBe('1a 2b')
      })

      it('may move on without events', async () => {
        await logs.append(web, [], { ingestionTime: NOW, source: { name: 'c1', position: 7 } })
        expect(await logs.position(web, 'c1')).toBe(7)
        expect(await read()).toBe('')
      })
    })

    describe('facts', () => {
      it('say what is stored, as AWS counts', async () => {
        expect(await logs.facts(web)).toEqual({ storedBytes: 0, eventCount: 0 })
        await append('5é 3c')
        await append('4d')
        expect(await logs.facts(web)).toEqual({
          firstEventTimestamp: NOW + 3,
          lastEventTimestamp: NOW + 5,
          lastIngestionTime: NOW + 99,
          storedBytes: 2 + 1 + 1 + 3 * 26,
          eventCount: 3,
        })
      })
    })

    it('adds up the bytes of a group, and of no other', async () => {
      await append('1a')
      await append('1bb', undefined, { ...web, stream: '😀' })
      await append('1theirs', undefined, { ...web, group: '/ecs/web2' })
      const { stream: _, ...group } = web
      expect(await logs.groupBytes(group)).toBe(1 + 2 + 2 * 26)
      expect(await logs.groupBytes({ ...group, group: 'none' })).toBe(0)
    })

    describe('expiring', () => {
      it('drops what is older and nothing else, and the facts follow', async () => {
        await append('1a 2b')
        await append('2c 9d 4e')
        await append('5f')
        await logs.expire(web, NOW + 4)
        expect(await read()).toBe('4e 5f 9d')
        expect(await read({ direction: 'backward', limit: 2 })).toBe('5f 9d')
        expect(await logs.facts(web)).toMatchObject({ firstEventTimestamp: NOW + 4, eventCount: 3, storedBytes: 81 })
        await logs.expire(web, NOW + 100)
        expect(await read()).toBe('')
        expect(await logs.facts(web)).toMatchObject({ eventCount: 0, storedBytes: 0, lastIngestionTime: NOW + 99 })
      })

      it('keeps positions and goes on numbering, so that nothing comes back', async () => {
        await append('1a', { name: 'c1', position: 10 })
        const [first] = await logs.read(web, { direction: 'forward', limit: 1 })
        await logs.expire(web, NOW + 100)
        await append('1a', { name: 'c1', position: 10 })
        expect(await read()).toBe('')
        await append('1b')
        const [second] = await logs.read(web, { direction: 'forward', limit: 1 })
        expect(second!.sequence).toBeGreaterThan(first!.sequence)
      })

      it('of a stream that is not there does nothing', async () => {
        await logs.expire(web, NOW)
        expect(await logs.facts(web)).toMatchObject({ eventCount: 0 })
      })
    })

    it('forgets a deleted stream and its positions; one of the same name starts anew', async () => {
      await append('1a', { name: 'c1', position: 10 })
      await append('1kept', undefined, { ...web, stream: 'other' })
      await logs.deleteStream(web)
      await logs.deleteStream(web)
      expect(await read()).toBe('')
      expect(await logs.position(web, 'c1')).toBeUndefined()
      await append('2b', { name: 'c1', position: 1 })
      expect(await read()).toBe('2b')
      expect(await read({}, { ...web, stream: 'other' })).toBe('1kept')
    })

    it('takes many batches at once in the order of the calls', async () => {
      const batches = Array.from({ length: 300 }, (_, n) => append(`7m${n}`))
      await Promise.all(batches)
      const expected = Array.from({ length: 300 }, (_, n) => `7m${n}`).join(' ')
      expect(await read()).toBe(expected)
    })

    it('shows what was answered before the disk had it, and keeps the order with what waited', async () => {
      const quick = logs.append(web, events('7a'), { ingestionTime: NOW, beforeSync: true })
      const safe = append('7b')
      await quick
      expect(await read()).toMatch(/^7a/)
      await logs.append(web, events('7c'), { ingestionTime: NOW, beforeSync: true })
      await safe
      expect(await read()).toBe('7a 7b 7c')
    })

    it('takes a batch of many megabytes', async () => {
      const lines = Array.from({ length: 30_000 }, (_, n) => ({
        timestamp: NOW + n,
        message: `${n} `.padEnd(120, 'x'),
      }))
      await logs.append(web, lines, { ingestionTime: NOW })
      expect(await logs.facts(web)).toMatchObject({ eventCount: 30_000 })
      const tail = await logs.read(web, { direction: 'backward', limit: 3 })
      expect(tail.map((event) => event.timestamp - NOW)).toEqual([29_997, 29_998, 29_999])
    })

    it('still has all of it in the next store', async () => {
      if (opened.reopen === undefined) return
      await append('1a 2b', { name: 'c1', position: 10 })
      await append('1gone', undefined, { ...web, stream: 'gone' })
      await logs.deleteStream({ ...web, stream: 'gone' })
      logs = await opened.reopen()
      await append('1a 2b', { name: 'c1', position: 10 })
      await append('3c')
      expect(await read()).toBe('1a 2b 3c')
      expect(await read({}, { ...web, stream: 'gone' })).toBe('')
      expect(await logs.facts(web)).toMatchObject({ eventCount: 3 })
    })
  })
}
