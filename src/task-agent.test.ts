// Goal: what a task gets from $ECS_AGENT_URI/task-protection/v1/state, in the agent's own shapes and words.
// Method: the agent's code on a store with one service's task; answers are compared as JSON, as the task sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { defaultCluster } from '#apis/ecs/model/defaults.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { clusters, taskDefinitions, tasks } from '#apis/ecs/tables.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { testCall } from '#test/call.ts'
import { taskAgent } from './task-agent.ts'

const ARN = 'arn:aws:ecs:eu-west-1:123456789012'
const taskArn = `${ARN}:task/default/${'a'.repeat(32)}`
const path = '/task-protection/v1/state'

let call: ReturnType<typeof testCall>
let clock: SimulatedClock

const putTask = (change: Partial<TaskRecord> = {}): Promise<void> =>
  call.store.write((tx) =>
    tx.put(tasks, {
      arn: taskArn,
      id: 'a'.repeat(32),
      scope: call.scope,
      clusterName: 'default',
      clusterArn: `${ARN}:cluster/default`,
      owner: { serviceArn: `${ARN}:service/default/web` },
      spec: { taskDefinitionArn: `${ARN}:task-definition/web:1`, overrides: {} },
      status: { lastStatus: 'RUNNING' },
      ...change,
    } as unknown as TaskRecord),
  )
const putDefinition = (taskRoleArn?: string): Promise<void> =>
  call.store.write((tx) =>
    tx.put(taskDefinitions, {
      arn: `${ARN}:task-definition/web:1`,
      scope: call.scope,
      family: 'web',
      ...(taskRoleArn === undefined ? {} : { taskRoleArn }),
    } as unknown as TaskDefinitionRecord),
  )

beforeEach(async () => {
  clock = new SimulatedClock('2026-01-01T00:00:00Z')
  call = { ...testCall(), clock }
  await call.store.write((tx) => tx.put(clusters, defaultCluster(call.scope, '2026-01-01T00:00:00Z')))
  await putDefinition('arn:aws:iam::123456789012:role/app')
  await putTask()
})

const asked = async (method: string, body = '', arn = taskArn): Promise<unknown> => {
  const { status, body: answer } = await taskAgent(call)({ taskArn: arn, method, path, body })
  return { status, ...(JSON.parse(JSON.stringify(answer)) as object) }
}
const protection = (ExpirationDate: string | null) => ({
  status: 200,
  protection: { ExpirationDate, ProtectionEnabled: ExpirationDate !== null, TaskArn: taskArn },
})

describe('task protection from inside of the task', () => {
  it('is off, then on for two hours or as long as asked, then off', async () => {
    expect(await asked('GET')).toEqual(protection(null))
    expect(await asked('PUT', '{"ProtectionEnabled":true}')).toEqual(protection('2026-01-01T02:00:00.000Z'))
    expect(await asked('PUT', '{"protectionenabled":true,"ExpiresInMinutes":60}')).toEqual(
      protection('2026-01-01T01:00:00.000Z'),
    )
    expect(await asked('GET')).toEqual(protection('2026-01-01T01:00:00.000Z'))
    await clock.advance(3601)
    expect(await asked('GET')).toEqual(protection(null))
    expect(await asked('PUT', '{"ProtectionEnabled":false}')).toEqual(protection(null))
  })

  it('is nothing for a task without a service', async () => {
    await putTask({ owner: undefined as never })
    expect(await asked('PUT', '{"ProtectionEnabled":true}')).toEqual({
      status: 200,
      failure: { Arn: taskArn, Reason: 'TASK_NOT_VALID', Detail: expect.any(String) },
    })
  })

  it.each(['', 'no JSON', '[]', '7', '{"ProtectionEnabled":"yes"}', '{"ProtectionEnabled":true,"More":1}'])(
    'cannot be decoded: %s',
    async (body) => {
      expect(await asked('PUT', body)).toEqual({
        status: 400,
        error: { Code: 'InvalidParameterException', Message: 'UpdateTaskProtection: failed to decode request' },
      })
    },
  )

  it.each(['{}', 'null', '{"ExpiresInMinutes":5}'])('must say which: %s', async (body) => {
    expect(await asked('PUT', body)).toEqual({
      status: 400,
      error: {
        Arn: taskArn,
        Code: 'InvalidParameterException',
        Message: "Invalid request: does not contain 'ProtectionEnabled' field",
      },
    })
  })

  it('needs a task role, in the definition or the overrides', async () => {
    await putDefinition()
    expect(await asked('GET')).toEqual({
      status: 403,
      error: {
        Arn: taskArn,
        Code: 'AccessDeniedException',
        Message: 'Invalid Request: no task IAM role credentials available for task',
      },
    })
    await putTask({
      spec: {
        taskDefinitionArn: `${ARN}:task-definition/web:1`,
        overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/app' },
      } as never,
    })
    expect(await asked('GET')).toEqual(protection(null))
  })

  it('passes on what ECS refuses, with the id of the request', async () => {
    expect(await asked('PUT', '{"ProtectionEnabled":true,"ExpiresInMinutes":9999}')).toEqual({
      status: 400,
      requestID: expect.any(String),
      error: { Arn: taskArn, Code: 'InvalidParameterException', Message: expect.stringContaining('2880') },
    })
  })

  it('is not there for a task that is gone', async () => {
    expect(await asked('GET', '', taskArn.replaceAll('a'.repeat(32), 'b'.repeat(32)))).toEqual({
      status: 404,
      error: { Code: 'ResourceNotFoundException', Message: 'Failed to find a task for the request' },
    })
  })
})
