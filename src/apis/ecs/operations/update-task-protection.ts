// UpdateTaskProtection: protects tasks of services from scale-in and deployments for a while, or no longer.

import type {
  Failure,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { taskArnOf } from '../model/identifiers.ts'
import { PROTECTED_TASKS_PER_UPDATE, PROTECTION_MOST_MINUTES } from '../model/limits.ts'
import { describeProtection } from '../model/task-protection.ts'
import { isWithin } from '../model/validation/problem.ts'
import { protectTask } from '../task-protection.ts'
import { activeCluster } from '../tables.ts'

export const updateTaskProtection: Operation<UpdateTaskProtectionRequest, UpdateTaskProtectionResponse> = async (
  input,
  call,
) => {
  const { tasks, protectionEnabled: enabled, expiresInMinutes: minutes } = input
  if (tasks.length === 0) throw InvalidParameterException('Tasks cannot be empty.')
  if (tasks.length > PROTECTED_TASKS_PER_UPDATE) {
    throw InvalidParameterException(`Tasks can have at most ${PROTECTED_TASKS_PER_UPDATE} items.`)
  }
  if (minutes !== undefined && !isWithin(minutes, 1, PROTECTION_MOST_MINUTES)) {
    throw InvalidParameterException(`expiresInMinutes must be between 1 and ${PROTECTION_MOST_MINUTES}.`)
  }
  const now = call.clock.now()
  return call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const protectedTasks: ProtectedTask[] = []
    const failures: Failure[] = []
    for (const arn of new Set(tasks.map((named) => taskArnOf(call.scope, cluster.name, named)))) {
      const result = await protectTask(tx, arn, { enabled, minutes }, now)
      if ('reason' in result) failures.push(result)
      else protectedTasks.push(describeProtection(result, now.toISOString()))
    }
    return { protectedTasks, failures }
  })
}
