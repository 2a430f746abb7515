// The operations of CloudWatch Logs as a caller sees them, against in-process stores and simulated time.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Call, Operation } from '#aws/operation.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { logs as api } from '../index.ts'
import { testCall } from '#test/call.ts'
import { createLogGroup } from './create-log-group.ts'
import { createLogStream } from './create-log-stream.ts'
import { deleteLogGroup } from './delete-log-group.ts'
import { deleteLogStream } from './delete-log-stream.ts'
import { deleteRetentionPolicy } from './delete-retention-policy.ts'
import { describeLogGroups } from './describe-log-groups.ts'
import { describeLogStreams } from './describe-log-streams.ts'
import { filterLogEvents } from './filter-log-events.ts'
import { getLogEvents } from './get-log-events.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { listTagsLogGroup } from './list-tags-log-group.ts'
import { putLogEvents } from './put-log-events.ts'
import { putRetentionPolicy } from './put-retention-policy.ts'
import { tagLogGroup } from './tag-log-group.ts'
import { tagResource } from './tag-resource.ts'
import { untagLogGroup } from './untag-log-group.ts'
import { untagResource } from './untag-resource.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const HOUR = 3600_000
const DAY = 24 * HOUR
let call: Call
let clock: SimulatedClock

/** Calls an operation as the server would. */
const ask = <I, O>(operation: Operation<I, O>, input: Parameters<Operation<I, O>>[0], as: Call = call) =>
  operation(input, as)

beforeEach(() => {
  clock = new SimulatedClock('2026-01-01T00:00:00Z')
  call = { ...testCall(), clock }
})

const group = (logGroupName: string) => ask(createLogGroup, { logGroupName })
const stream = (logGroupName: string, logStreamName: string) => ask(createLogStream, { logGroupName, logStreamName })
const put = (logStreamName: string, ...events: readonly (readonly [number, string])[]) =>
  ask(putLogEvents, {
    logGroupName: 'g',
    logStreamName,
    logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
  })

const refusesMissing = async (answer: Promise<unknown>, what: string) =>
  expect(await answer.catch((error: unknown) => error)).toMatchObject({
    code: 'ResourceNotFoundException',
    message: `The specified log ${what} does not exist.`,
  })

describe('log groups', () => {
  it('are made once', async () => {
    await group('g')
    await expect(group('g')).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    })
    await expect(group('aws/mine')).rejects.toMatchObject({ code: 'InvalidParameterException' })
  })

  it('are described as AWS does, with both forms of their ARN', async () => {
    await ask(createLogGroup, { logGroupName: '/ecs/web', kmsKeyId: 'key', tags: { a: 'b' } })
    await ask(putRetentionPolicy, { logGroupName: '/ecs/web', retentionInDays: 7 })
    const { logGroups } = await ask(describeLogGroups, {})
    expect(logGroups).toEqual([
      {
        logGroupName: '/ecs/web',
        creationTime: NOW,
        retentionInDays: 7,
        metricFilterCount: 0,
        arn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:*',
        logGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web',
        storedBytes: 0,
        kmsKeyId: 'key',
        logGroupClass: 'STANDARD',
      },
    ])
    await ask(deleteRetentionPolicy, { logGroupName: '/ecs/web' })
    expect((await ask(describeLogGroups, {})).logGroups![0]).not.toHaveProperty('retentionInDays')
  })

  it.each([
    [{}, '/a /b /b/c x/b'],
    [{ logGroupNamePrefix: '/b' }, '/b /b/c'],
    [{ logGroupNamePattern: 'b' }, '/b /b/c x/b'],
    [{ logGroupNamePattern: 'B' }, ''],
    [{ logGroupIdentifiers: ['/a', 'arn:aws:logs:eu-west-1:123456789012:log-group:x/b:*'] }, '/a x/b'],
    [{ logGroupClass: 'INFREQUENT_ACCESS' as const }, ''],
  ])('are found by %j: "%s"', async (input, expected) => {
    for (const name of ['/b', '/a', 'x/b', '/b/c']) await group(name)
    const names = async (limit?: number): Promise<string> => {
      const seen: (string | undefined)[] = []
      for (let nextToken: string | undefined; ;) {
        const page = await ask(describeLogGroups, {
          ...input,
          ...(limit === undefined ? {} : { limit }),
          ...(nextToken === undefined ? {} : { nextToken }),
        })
        seen.push(...page.logGroups!.map((one) => one.logGroupName))
        nextToken = page.nextToken
        if (nextToken === undefined) return seen.join(' ')
      }
    }
    expect(await names()).toBe(expected)
    expect(await names(1)).toBe(expected)
  })

  it('refuse prefix and pattern together, and a token nobody gave', async () => {
    await expect(ask(describeLogGroups, { logGroupNamePrefix: 'a', logGroupNamePattern: 'b' })).rejects.toMatchObject({
      message: 'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    })
    await expect(ask(describeLogGroups, { nextToken: 'nonsense' })).rejects.toMatchObject({
      message: 'The specified nextToken is invalid.',
    })
  })

  it('of another region or account are another matter', async () => {
    await group('g')
    for (const other of [{ region: 'us-east-1' }, { account: '210987654321' }]) {
      const there = { ...call, scope: { ...call.scope, ...other } }
      expect((await ask(describeLogGroups, {}, there)).logGroups).toEqual([])
      await refusesMissing(ask(deleteLogGroup, { logGroupName: 'g' }, there), 'group')
    }
  })

  it('take their streams and events with them', async () => {
    await group('g')
    await stream('g', 's')
    await put('s', [NOW, 'old'])
    expect((await ask(describeLogGroups, {})).logGroups![0]!.storedBytes).toBe(29)
    await ask(deleteLogGroup, { logGroupName: 'g' })
    await refusesMissing(ask(deleteLogGroup, { logGroupName: 'g' }), 'group')
    await group('g')
    expect((await ask(describeLogStreams, { logGroupName: 'g' })).logStreams).toEqual([])
    await stream('g', 's')
    expect((await ask(getLogEvents, { logGroupName: 'g', logStreamName: 's' })).events).toEqual([])
  })

  it('keep events for the days that AWS allows', async () => {
    await group('g')
    await expect(ask(putRetentionPolicy, { logGroupName: 'g', retentionInDays: 2 })).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: expect.stringContaining("Value '2' at 'retentionInDays' failed to satisfy constraint"),
    })
    await refusesMissing(ask(putRetentionPolicy, { logGroupName: 'x', retentionInDays: 1 }), 'group')
    await refusesMissing(ask(deleteRetentionPolicy, { logGroupName: 'x' }), 'group')
  })
})

describe('tags', () => {
  it('are set, read and taken away by name and by ARN', async () => {
    await ask(createLogGroup, { logGroupName: 'g', tags: { a: '1' } })
    const resourceArn = 'arn:aws:logs:eu-west-1:123456789012:log-group:g'
    await ask(tagLogGroup, { logGroupName: 'g', tags: { b: '2', a: '3' } })
    await ask(tagResource, { resourceArn: `${resourceArn}:*`, tags: { c: '4', d: '' } })
    expect(await ask(listTagsForResource, { resourceArn })).toEqual({ tags: { a: '3', b: '2', c: '4', d: '' } })
    await ask(untagLogGroup, { logGroupName: 'g', tags: ['a', 'none'] })
    await ask(untagResource, { resourceArn, tagKeys: ['c'] })
    expect(await ask(listTagsLogGroup, { logGroupName: 'g' })).toEqual({ tags: { b: '2', d: '' } })
  })

  it('are at most fifty, and none is AWS’s own', async () => {
    await group('g')
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, '']))
    await expect(ask(tagLogGroup, { logGroupName: 'g', tags: many })).rejects.toMatchObject({
      code: 'TooManyTagsException',
    })
    await expect(ask(tagLogGroup, { logGroupName: 'g', tags: { 'aws:x': '' } })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
    const foreign = 'arn:aws:logs:us-east-1:123456789012:log-group:g'
    await refusesMissing(ask(listTagsForResource, { resourceArn: foreign }), 'group')
  })
})

describe('log streams', () => {
  beforeEach(() => group('g'))

  it('are made once, in a group that exists', async () => {
    await stream('g', 's')
    await expect(stream('g', 's')).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log stream already exists',
    })
    await refusesMissing(stream('none', 's'), 'group')
    await refusesMissing(ask(deleteLogStream, { logGroupName: 'g', logStreamName: 'none' }), 'stream')
    await refusesMissing(ask(deleteLogStream, { logGroupName: 'none', logStreamName: 's' }), 'group')
    await ask(deleteLogStream, { logGroupName: 'g', logStreamName: 's' })
    await stream('g', 's')
  })

  it('show what is in them', async () => {
    await stream('g', 's')
    await put('s', [NOW - 5, 'a'], [NOW - 1, 'b'])
    const { logStreams } = await ask(describeLogStreams, {
      logGroupIdentifier: 'arn:aws:logs:eu-west-1:123456789012:log-group:g',
    })
    expect(logStreams).toEqual([
      {
        logStreamName: 's',
        creationTime: NOW,
        firstEventTimestamp: NOW - 5,
        lastEventTimestamp: NOW - 1,
        lastIngestionTime: NOW,
        uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
        arn: 'arn:aws:logs:eu-west-1:123456789012:log-group:g:log-stream:s',
        storedBytes: 0,
      },
    ])
  })

  it.each([
    [{}, 'a b b/1 c'],
    [{ descending: true }, 'c b/1 b a'],
    [{ logStreamNamePrefix: 'b' }, 'b b/1'],
    [{ orderBy: 'LastEventTime' as const }, 'b/1 c a b'],
    [{ orderBy: 'LastEventTime' as const, descending: true }, 'b a c b/1'],
  ])('come in the order of %j: "%s", also page by page', async (input, expected) => {
    for (const name of ['c', 'b', 'b/1', 'a']) await stream('g', name)
    await put('a', [NOW - 2, 'x'])
    await put('b', [NOW - 1, 'x'])
    await put('c', [NOW - 3, 'x'])
    for (const limit of [50, 3, 1]) {
      const seen: (string | undefined)[] = []
      let nextToken: string | undefined
      do {
        const token = nextToken === undefined ? {} : { nextToken }
        const page = await ask(describeLogStreams, { logGroupName: 'g', ...input, limit, ...token })
        seen.push(...page.logStreams!.map((one) => one.logStreamName))
        nextToken = page.nextToken
      } while (nextToken !== undefined)
      expect(seen.join(' ')).toBe(expected)
    }
  })

  it('refuse what AWS refuses', async () => {
    const both = { logGroupName: 'g', logStreamNamePrefix: 'x', orderBy: 'LastEventTime' as const }
    await expect(ask(describeLogStreams, both)).rejects.toMatchObject({
      message: 'Cannot order by LastEventTime with a logStreamNamePrefix.',
    })
    await expect(ask(describeLogStreams, {})).rejects.toMatchObject({ code: 'InvalidParameterException' })
    await refusesMissing(ask(describeLogStreams, { logGroupName: 'none' }), 'group')
  })
})

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

it('serves the operations it says it serves', () => {
  expect(Object.keys(api.operations)).toHaveLength(17)
})
