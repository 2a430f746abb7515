// Task protection as a caller sees it.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { ECS, type EcsWorld, ecsWorld, IN_A, newTaskOf } from '#test/ecs-world.ts'
import { askedToStop } from '../model/task.ts'
import { taskByArn, tasks } from '../tables.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const cluster = 'default'
const START = Date.parse('2026-01-01T00:00:00Z')
const MINUTE = 60_000

beforeEach(async () => {
  world = await ecsWorld()
  await ask('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    launchType: 'FARGATE',
    networkConfiguration: IN_A,
  })
})

const serviceTask = async (): Promise<string> => {
  const task = await newTaskOf(world, 'web')
  await world.call.store.write((tx) => tx.put(tasks, task))
  return task.arn
}
const protect = (named: string[], more: object = {}) =>
  ask('UpdateTaskProtection', { cluster, tasks: named, protectionEnabled: true, ...more })
const protection = async (arn: string): Promise<sdk.ProtectedTask> =>
  (await ask('GetTaskProtection', { cluster, tasks: [arn] })).protectedTasks![0]!

describe('UpdateTaskProtection', () => {
  it('protects a task for two hours, or as long as is said, from each call on', async () => {
    const taskArn = await serviceTask()
    expect(await protect([taskArn])).toEqual({
      protectedTasks: [{ taskArn, protectionEnabled: true, expirationDate: new Date(START + 120 * MINUTE) }],
      failures: [],
    })
    await (world.call.clock as SimulatedClock).advance(60)
    await protect([taskArn], { expiresInMinutes: 10 })
    expect(await protection(taskArn)).toEqual({
      taskArn,
      protectionEnabled: true,
      expirationDate: new Date(START + 11 * MINUTE),
    })
  })

  it('ends by itself, or when it is asked to', async () => {
    const taskArn = await serviceTask()
    await protect([taskArn], { expiresInMinutes: 1 })
    await (world.call.clock as SimulatedClock).advance(60)
    expect(await protection(taskArn)).toEqual({ taskArn, protectionEnabled: false })
    await protect([taskArn])
    const { protectedTasks } = await protect([taskArn], { protectionEnabled: false })
    expect(protectedTasks).toEqual([{ taskArn, protectionEnabled: false }])
    expect(await protection(taskArn)).toEqual({ taskArn, protectionEnabled: false })
  })

  it('protects no more tasks than the service wishes for', async () => {
    const [a, b, c] = [await serviceTask(), await serviceTask(), await serviceTask()]
    expect(await protect([a, b, c])).toMatchObject({
      protectedTasks: [{ taskArn: a }, { taskArn: b }],
      failures: [{ arn: c, reason: 'DEPLOYMENT_BLOCKED' }],
    })
    // What is protected already may be protected for longer.
    expect((await protect([a])).failures).toEqual([])
    await protect([a], { protectionEnabled: false })
    expect((await protect([c])).failures).toEqual([])
  })

  it('says of each other task why not', async () => {
    const { tasks: started = [] } = await ask('RunTask', {
      taskDefinition: 'web',
      launchType: 'FARGATE',
      networkConfiguration: IN_A,
    })
    const alone = started[0]!.taskArn!
    const stopping = await serviceTask()
    await world.call.store.write(async (tx) => {
      const task = (await taskByArn(tx, stopping as never))!
      await tx.put(tasks, askedToStop(task, { code: 'UserInitiated', reason: '', at: task.createdAt }))
    })
    const none = `${ECS}:task/default/${'0'.repeat(32)}`
    for (const { failures } of [
      await protect([alone, stopping, none]),
      await ask('GetTaskProtection', { cluster, tasks: [alone, stopping, none] }),
    ]) {
      expect(failures).toEqual([
        { arn: alone, reason: 'TASK_NOT_VALID', detail: 'The task does not belong to a service.' },
        { arn: stopping, reason: 'TASK_NOT_VALID', detail: 'The task is not running.' },
        { arn: none, reason: 'MISSING' },
      ])
    }
  })

  it.each([
    [{ tasks: [] }, 'Tasks cannot be empty.'],
    [{ tasks: Array.from({ length: 11 }, () => '0'.repeat(32)) }, 'Tasks can have at most 10 items.'],
    [{ expiresInMinutes: 0 }, 'expiresInMinutes must be between 1 and 2880.'],
    [{ expiresInMinutes: 2881 }, 'expiresInMinutes must be between 1 and 2880.'],
  ])('refuses %j', async (more, message) => {
    await expect(protect(['0'.repeat(32)], more)).rejects.toEqual(refusal('InvalidParameterException', message))
  })
})
