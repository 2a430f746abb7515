// Log events as a caller sees them: put, got and filtered.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, clock, DAY, group, HOUR, NOW, put, refusesMissing, stream } from '#test/logs-calls.ts'
import { filterLogEvents } from './filter-log-events.ts'
import { getLogEvents } from './get-log-events.ts'
import { putLogEvents } from './put-log-events.ts'
import { putRetentionPolicy } from './put-retention-policy.ts'

describe('PutLogEvents', () => {
  beforeEach(async () => {
    await group('g')
    await stream('g', 's')
  })
  const stored = async (): Promise<string> =>
    (await ask(getLogEvents, { logGroupName: 'g', logStreamName: 's' })).events!.map((event) => event.message).join(' ')

  it('takes events with any sequence token and hands one back', async () => {
    const answer = await ask(putLogEvents, {
      logGroupName: 'g',
      logStreamName: 's',
      logEvents: [{ timestamp: NOW, message: 'a' }],
      sequenceToken: 'whatever',
    })
    expect(answer).toEqual({ nextSequenceToken: expect.stringMatching(/^\d+$/) })
    expect(await stored()).toBe('a')
  })

  it.each([
    [
      'not in order',
      [
        [NOW, 'b'],
        [NOW - 1, 'a'],
      ],
      'must be in chronological order',
    ],
    [
      'over a day apart',
      [
        [NOW - DAY - 1, 'a'],
        [NOW, 'b'],
      ],
      'cannot span more than 24 hours',
    ],
    ['too large', [[NOW, 'x'.repeat(1_048_551)]], 'Upload too large: 1048577 bytes exceeds limit of 1048576'],
  ] as const)('refuses a batch that is %s', async (_, events, message) => {
    await expect(put('s', ...events)).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: expect.stringContaining(message),
    })
    expect(await stored()).toBe('')
  })

  it('takes a batch of exactly the largest size, counting UTF-8 and 26 bytes per event', async () => {
    await put('s', [NOW, 'é'.repeat(524_275)])
    await expect(put('s', [NOW, `${'é'.repeat(524_275)}x`])).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
  })

  it.each([
    [[0, 1], undefined, 'm0 m1'],
    [[-15 * DAY, -15 * DAY + HOUR], { tooOldLogEventEndIndex: 2 }, ''],
    [[-14 * DAY - 1, -14 * DAY], { tooOldLogEventEndIndex: 1 }, 'm1'],
    [[2 * HOUR, 2 * HOUR + 1], { tooNewLogEventStartIndex: 1 }, 'm0'],
    [[3 * HOUR], { tooNewLogEventStartIndex: 0 }, ''],
  ] as const)('leaves out of %j what is too old or too new: %j', async (offsets, rejected, kept) => {
    const answer = await put('s', ...offsets.map((offset, at) => [NOW + offset, `m${at}`] as const))
    expect(answer.rejectedLogEventsInfo).toEqual(rejected)
    expect(await stored()).toBe(kept)
  })

  it('leaves out what the group would have expired', async () => {
    await ask(putRetentionPolicy, { logGroupName: 'g', retentionInDays: 1 })
    const answer = await put('s', [NOW - DAY - HOUR, 'a'], [NOW - 2 * HOUR, 'b'])
    expect(answer.rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 })
    expect(await stored()).toBe('b')
  })

  it('needs a stream', async () => {
    await expect(put('none', [NOW, 'a'])).rejects.toMatchObject({
      message: 'The specified log stream does not exist.',
    })
  })
})

describe('GetLogEvents', () => {
  type Input = Partial<Parameters<typeof getLogEvents>[0]>
  const get = (input: Input = {}) => ask(getLogEvents, { logGroupName: 'g', logStreamName: 's', ...input })
  const texts = async (input: Input = {}) => {
    const { events, nextForwardToken, nextBackwardToken } = await get(input)
    return {
      text: events!.map((event) => event.message).join(' '),
      forward: nextForwardToken!,
      backward: nextBackwardToken!,
    }
  }
  beforeEach(async () => {
    await group('g')
    await stream('g', 's')
  })
  const fill = () => put('s', ...[1, 2, 3, 4, 5].map((n) => [NOW + n, `m${n}`] as const))

  it('gives the newest page, or the oldest when asked for, in chronological order', async () => {
    await fill()
    expect((await texts({ limit: 2 })).text).toBe('m4 m5')
    expect((await texts({ limit: 2, startFromHead: true })).text).toBe('m1 m2')
    expect((await texts({ startTime: NOW + 2, endTime: NOW + 4 })).text).toBe('m2 m3')
    expect((await get({ limit: 1 })).events).toEqual([{ timestamp: NOW + 5, message: 'm5', ingestionTime: NOW }])
  })

  it('hands out tokens as AWS does: both directions, and the same one again at the end', async () => {
    await fill()
    const first = await texts({ limit: 2, startFromHead: true })
    expect(first.forward).toMatch(/^f\/\d{56}\/s$/)
    expect(first.backward).toMatch(/^b\/\d{56}\/s$/)
    const second = await texts({ limit: 2, nextToken: first.forward })
    const third = await texts({ limit: 2, nextToken: second.forward })
    expect([second.text, third.text]).toEqual(['m3 m4', 'm5'])
    const end = await texts({ nextToken: third.forward })
    expect(end).toMatchObject({ text: '', forward: third.forward })
    expect((await texts({ limit: 2, nextToken: end.backward })).text).toBe('m4 m5')
    const back = await texts({ limit: 2, nextToken: third.backward })
    expect(back.text).toBe('m3 m4')
    const head = await texts({ nextToken: first.backward })
    expect(head).toMatchObject({ text: '', backward: first.backward })
    expect((await texts({ limit: 1, nextToken: head.forward })).text).toBe('m1')
    await put('s', [NOW + 5, 'same time'], [NOW + 6, 'm6'])
    expect((await texts({ nextToken: end.forward })).text).toBe('same time m6')
  })

  it('can be followed from an empty stream on', async () => {
    const empty = await texts({ startFromHead: true })
    expect(empty.text).toBe('')
    expect((await texts({ nextToken: empty.forward })).forward).toBe(empty.forward)
    await fill()
    expect((await texts({ nextToken: empty.forward })).text).toBe('m1 m2 m3 m4 m5')
  })

  it('gives at most a megabyte, and goes on from there', async () => {
    for (let n = 0; n < 4; n++) await put('s', [NOW + n, String(n).repeat(400_000)])
    const pages: string[] = []
    let nextToken: string | undefined
    for (let page = 0; page < 3; page++) {
      const token = nextToken === undefined ? { startFromHead: true } : { nextToken }
      const answer = await get(token)
      pages.push(answer.events!.map((event) => event.message![0]).join(''))
      nextToken = answer.nextForwardToken
    }
    expect(pages).toEqual(['01', '23', ''])
    expect((await get()).events!.map((event) => event.message![0]).join('')).toBe('23')
  })

  it('shows nothing that has expired', async () => {
    await fill()
    await ask(putRetentionPolicy, { logGroupName: 'g', retentionInDays: 1 })
    await clock.advance(24 * 3600)
    await clock.advance(0.003)
    expect((await texts()).text).toBe('m3 m4 m5')
  })

  it('refuses a token nobody gave, and what does not exist', async () => {
    await expect(get({ nextToken: 'f/12/s' })).rejects.toMatchObject({ message: 'The specified nextToken is invalid.' })
    await refusesMissing(get({ logStreamName: 'none' }), 'stream')
    await refusesMissing(get({ logGroupName: 'none' }), 'group')
  })
})

describe('FilterLogEvents', () => {
  type Input = Partial<Parameters<typeof filterLogEvents>[0]>
  const filter = async (input: Input = {}, pages = 100): Promise<string> => {
    const seen: (string | undefined)[] = []
    let nextToken: string | undefined
    do {
      const token = nextToken === undefined ? {} : { nextToken }
      const page = await ask(filterLogEvents, { logGroupName: 'g', ...input, ...token })
      seen.push(...page.events!.map((event) => event.message))
      nextToken = page.nextToken
    } while (nextToken !== undefined && --pages > 0)
    return seen.join(' ')
  }
  beforeEach(async () => {
    await group('g')
    for (const name of ['a/1', 'a/2', 'b']) await stream('g', name)
    await put('a/1', [NOW + 1, 'ERROR-1'], [NOW + 4, 'info-4'])
    await put('a/2', [NOW + 2, 'info-2'], [NOW + 4, 'ERROR-4'], [NOW + 4, 'ERROR-5'])
    await put('b', [NOW + 3, '{"n":3}'])
  })

  it.each([
    [{}, 'ERROR-1 info-2 {"n":3} info-4 ERROR-4 ERROR-5'],
    [{ filterPattern: 'ERROR' }, 'ERROR-1 ERROR-4 ERROR-5'],
    [{ filterPattern: '{ $.n > 2 }' }, '{"n":3}'],
    [{ logStreamNames: ['b', 'a/1'] }, 'ERROR-1 {"n":3} info-4'],
    [{ logStreamNamePrefix: 'a/' }, 'ERROR-1 info-2 info-4 ERROR-4 ERROR-5'],
    [{ startTime: NOW + 2, endTime: NOW + 4 }, 'info-2 {"n":3}'],
    [{ logStreamNames: ['none'] }, ''],
  ])('finds by %j, across streams in time order, also page by page', async (input, expected) => {
    expect(await filter(input)).toBe(expected)
    expect(await filter({ ...input, limit: 1 })).toBe(expected)
    expect(await filter({ ...input, limit: 2 })).toBe(expected)
  })

  it('names each event, its stream and its times', async () => {
    const { events, searchedLogStreams } = await ask(filterLogEvents, { logGroupName: 'g', interleaved: true })
    expect(events![0]).toEqual({
      logStreamName: 'a/1',
      timestamp: NOW + 1,
      message: 'ERROR-1',
      ingestionTime: NOW,
      eventId: expect.stringMatching(/^\d{56}$/),
    })
    expect(new Set(events!.map((event) => event.eventId)).size).toBe(6)
    expect(searchedLogStreams).toEqual([])
  })

  it('goes through more than a page of each stream', async () => {
    for (const name of ['a/1', 'a/2']) {
      await put(name, ...Array.from({ length: 2500 }, (_, n) => [NOW + 10 + n, `${name}-${n}`] as const))
    }
    expect((await filter({ startTime: NOW + 10 })).split(' ')).toHaveLength(5000)
  })

  it('refuses a pattern AWS refuses, and streams named in two ways', async () => {
    for (const filterPattern of ['{ $.a = ', '{ $.a = }', '[ip, user]']) {
      await expect(filter({ filterPattern })).rejects.toMatchObject({ message: 'Invalid filter pattern' })
    }
    await expect(filter({ logStreamNames: ['b'], logStreamNamePrefix: 'a' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
    await expect(ask(filterLogEvents, { logGroupName: 'g', nextToken: 'x' })).rejects.toMatchObject({
      message: 'The specified nextToken is invalid.',
    })
    await refusesMissing(ask(filterLogEvents, { logGroupName: 'none' }), 'group')
  })
})
