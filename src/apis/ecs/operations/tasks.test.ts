// DescribeTasks, StopTask and the tags of tasks as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, call, EU, one } from '#test/task-calls.ts'
import { refusal } from '#test/refusal.ts'
import { advanced } from '../model/task.ts'
import { taskByArn, tasks } from '../tables.ts'

describe('tags of a task', () => {
  it('can be changed until it has stopped', async () => {
    const { taskArn: resourceArn = '' } = await one({ tags: [{ key: 'a', value: '1' }] })
    await ask('TagResource', { resourceArn, tags: [{ key: 'b', value: '2' }] })
    await ask('UntagResource', { resourceArn, tagKeys: ['a'] })
    expect((await ask('ListTagsForResource', { resourceArn })).tags).toEqual([{ key: 'b', value: '2' }])
    await call.store.write(async (tx) => {
      const task = (await taskByArn(tx, resourceArn as never))!
      await tx.put(tasks, advanced(task, { lastStatus: 'STOPPED' }))
    })
    await expect(ask('TagResource', { resourceArn, tags: [{ key: 'c', value: '3' }] })).rejects.toEqual(
      refusal('InvalidParameterException', 'The specified task is stopped. Specify a running task and try again.'),
    )
  })
})

describe('DescribeTasks', () => {
  it('finds tasks by id and by ARN, each once, and says what is missing', async () => {
    const { taskArn = '' } = await one()
    const id = taskArn.slice(-32)
    const missing = '0'.repeat(32)
    const answer = await ask('DescribeTasks', { tasks: [id, taskArn, missing] })
    expect(answer.tasks?.map((task) => task.taskArn)).toEqual([taskArn])
    expect(answer.failures).toEqual([{ arn: `${EU}:task/default/${missing}`, reason: 'MISSING' }])
  })

  it('shows tags only where they are asked for', async () => {
    const { taskArn = '' } = await one({ tags: [{ key: 'a', value: '1' }] })
    expect((await ask('DescribeTasks', { tasks: [taskArn] })).tasks?.[0]?.tags).toEqual([])
    const asked = await ask('DescribeTasks', { tasks: [taskArn], include: ['TAGS'] })
    expect(asked.tasks?.[0]?.tags).toEqual([{ key: 'a', value: '1' }])
  })

  it('shows the facts that controllers record', async () => {
    const { taskArn } = await one()
    const at = '2026-01-01T00:00:05.000Z'
    await call.store.write(async (tx) => {
      const task = (await taskByArn(tx, taskArn as never))!
      const { attachment, containers } = task.status
      const running = { lastStatus: 'RUNNING', createdAt: at, startedAt: at } as const
      await tx.put(
        tasks,
        advanced(task, {
          lastStatus: 'RUNNING',
          startedAt: at,
          connectivityAt: at,
          attachment: {
            ...attachment,
            status: 'ATTACHED',
            details: [...attachment.details, { name: 'privateIPv4Address', value: '10.0.0.9' }],
          },
          containers: containers.map((container) => ({
            ...container,
            ...running,
            health: { status: 'HEALTHY', statusSince: at, failures: 0 },
          })),
        }),
      )
    })
    const [task] = (await ask('DescribeTasks', { tasks: [taskArn!] })).tasks!
    expect(task).toMatchObject({
      lastStatus: 'RUNNING',
      version: 2,
      connectivity: 'CONNECTED',
      healthStatus: 'HEALTHY',
      startedAt: new Date(at),
    })
    expect(task?.containers?.[0]).toMatchObject({
      lastStatus: 'RUNNING',
      runtimeId: expect.stringMatching(/^[0-9a-f]{32}-\d{10}$/),
      networkInterfaces: [{ attachmentId: task?.attachments?.[0]?.id, privateIpv4Address: '10.0.0.9' }],
    })
  })

  it.each<[string, string[], string]>([
    ['no task', [], 'Tasks cannot be empty.'],
    ['101 tasks', Array(101).fill('0'.repeat(32)), 'Tasks can have at most 100 items.'],
    ['a short id', ['abc'], 'taskId length should be one of [32,36]'],
    ['an id that is none', ['/'.repeat(32)], 'taskId contains invalid characters.'],
    ['another kind of ARN', [`${EU}:service/default/web`], 'Invalid identifier: Unexpected ARN.'],
    [
      'a task of another cluster',
      [`${EU}:task/prod/${'0'.repeat(32)}`],
      'Invalid identifier: Identifier is for cluster prod. Your cluster is default',
    ],
  ])('refuses %s', async (_, named, message) => {
    await expect(ask('DescribeTasks', { tasks: named })).rejects.toEqual(refusal('InvalidParameterException', message))
  })
})

describe('StopTask', () => {
  it('records the wish, and the reason of the first who asked', async () => {
    const { taskArn: task = '' } = await one()
    const stopped = await ask('StopTask', { task, reason: 'enough' })
    expect(stopped.task).toMatchObject({
      desiredStatus: 'STOPPED',
      lastStatus: 'PROVISIONING',
      stopCode: 'UserInitiated',
    })
    expect((await ask('StopTask', { task, reason: 'again' })).task?.stoppedReason).toBe('enough')
  })

  it('gives AWS’s reason where the caller gives none', async () => {
    const { taskArn: task = '' } = await one()
    expect((await ask('StopTask', { task })).task?.stoppedReason).toBe('Task stopped by user')
  })

  it('refuses an unknown task, and a reason without end', async () => {
    await expect(ask('StopTask', { task: '0'.repeat(32) })).rejects.toEqual(
      refusal('InvalidParameterException', 'The referenced task was not found.'),
    )
    await expect(ask('StopTask', { task: '0'.repeat(32), reason: 'x'.repeat(1025) })).rejects.toEqual(
      refusal('InvalidParameterException', 'reason can not be longer than 1024 characters.'),
    )
  })
})
