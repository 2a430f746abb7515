// Log streams as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, group, NOW, put, refusesMissing, stream } from '#test/logs-calls.ts'
import { deleteLogStream } from './delete-log-stream.ts'
import { describeLogStreams } from './describe-log-streams.ts'

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
