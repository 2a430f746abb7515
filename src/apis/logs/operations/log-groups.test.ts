// Log groups and their tags as a caller sees them, and which operations the API has.

import { describe, expect, it } from 'vitest'
import { ask, call, group, NOW, put, refusesMissing, stream } from '#test/logs-calls.ts'
import { createLogGroup } from './create-log-group.ts'
import { deleteLogGroup } from './delete-log-group.ts'
import { deleteRetentionPolicy } from './delete-retention-policy.ts'
import { describeLogGroups } from './describe-log-groups.ts'
import { describeLogStreams } from './describe-log-streams.ts'
import { getLogEvents } from './get-log-events.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { listTagsLogGroup } from './list-tags-log-group.ts'
import { putRetentionPolicy } from './put-retention-policy.ts'
import { tagLogGroup } from './tag-log-group.ts'
import { tagResource } from './tag-resource.ts'
import { untagLogGroup } from './untag-log-group.ts'
import { untagResource } from './untag-resource.ts'
import { logs as api } from '../index.ts'

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

it('serves the operations it says it serves', () => {
  expect(Object.keys(api.operations)).toHaveLength(17)
})
