// GetTaskProtection: whether tasks of services are protected, and until when.

import type { Failure, GetTaskProtectionRequest, GetTaskProtectionResponse, ProtectedTask } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { taskArnOf } from '../model/identifiers.ts'
import { PROTECTED_TASKS_PER_GET } from '../model/limits.ts'
import { describeProtection, protectionFailure } from '../model/task-protection.ts'
import { activeCluster, taskByArn } from '../tables.ts'

export const getTaskProtection: Operation<GetTaskProtectionRequest, GetTaskProtectionResponse> = async (
  input,
  call,
) => {
  const { tasks = [] } = input
  if (tasks.length === 0) throw InvalidParameterException('Tasks cannot be empty.')
  if (tasks.length > PROTECTED_TASKS_PER_GET) {
    throw InvalidParameterException(`Tasks can have at most ${PROTECTED_TASKS_PER_GET} items.`)
  }
  const now = call.clock.now().toISOString()
  return call.store.read(async (reader) => {
    const cluster = await activeCluster(reader, call.scope, input.cluster)
    const protectedTasks: ProtectedTask[] = []
    const failures: Failure[] = []
    for (const arn of new Set(tasks.map((named) => taskArnOf(call.scope, cluster.name, named)))) {
      const task = await taskByArn(reader, arn)
      const failure = protectionFailure(arn, task)
      if (task === undefined || failure !== undefined) failures.push(failure ?? { arn, reason: 'MISSING' })
      else protectedTasks.push(describeProtection(task, now))
    }
    return { protectedTasks, failures }
  })
}
