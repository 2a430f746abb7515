// Protects a service's task, whoever asks: UpdateTaskProtection, or the task itself at its own endpoint.

import type { Failure } from '@aws-sdk/client-ecs'
import type { TaskArn } from '#aws/arn.ts'
import type { Transaction } from '#store/store.ts'
import { isProtected, protectionFailure, withProtection } from './model/task-protection.ts'
import { desiredStatus, type TaskRecord } from './model/task.ts'
import { serviceByArn, taskByArn, tasks, tasksOfService } from './tables.ts'

/** The task as it is now on record, or why not. Without `minutes` it is protected for two hours. */
export const protectTask = async (
  tx: Transaction,
  arn: TaskArn,
  wish: { readonly enabled: boolean; readonly minutes?: number | undefined },
  now: Date,
): Promise<TaskRecord | (Failure & { readonly reason: string })> => {
  const task = await taskByArn(tx, arn)
  const failure = protectionFailure(arn, task)
  if (task === undefined || failure !== undefined) return { ...failure, reason: failure?.reason ?? 'MISSING' }
  if (wish.enabled && !isProtected(task, now.toISOString()) && (await isFull(tx, task, now))) {
    return {
      arn,
      reason: 'DEPLOYMENT_BLOCKED',
      detail: 'The service has as many protected tasks as its desired count.',
    }
  }
  const changed = withProtection(task, { enabled: wish.enabled, minutes: wish.minutes }, now)
  await tx.put(tasks, changed)
  return changed
}

/** AWS: a service cannot have more protected tasks than its desired count. */
const isFull = async (tx: Transaction, { owner }: TaskRecord, now: Date): Promise<boolean> => {
  const service = owner === undefined ? undefined : await serviceByArn(tx, owner.serviceArn)
  if (service === undefined) return false
  const others = (await tasksOfService(tx, service.arn)).filter(
    (task) => desiredStatus(task) === 'RUNNING' && isProtected(task, now.toISOString()),
  )
  return others.length >= service.spec.desiredCount
}
