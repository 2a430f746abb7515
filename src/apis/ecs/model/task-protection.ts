// Task protection: until when neither scale-in nor a deployment may end a service's task.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html

import type { Failure, ProtectedTask } from '@aws-sdk/client-ecs'
import { instant, secondsAfter } from './instant.ts'
import { PROTECTION_DEFAULT_MINUTES } from './limits.ts'
import { desiredStatus, type TaskRecord } from './task.ts'

/** `now` is ISO 8601, as records have it. */
export const isProtected = ({ spec: { protectedUntil } }: TaskRecord, now: string): boolean =>
  protectedUntil !== undefined && protectedUntil > now

/** The time of an earlier protection does not count: it begins anew with each call. */
export const withProtection = (
  task: TaskRecord,
  wish: { readonly enabled: boolean; readonly minutes: number | undefined },
  now: Date,
): TaskRecord => {
  const { protectedUntil: _, ...spec } = task.spec
  if (!wish.enabled) return { ...task, spec }
  const minutes = wish.minutes ?? PROTECTION_DEFAULT_MINUTES
  return { ...task, spec: { ...spec, protectedUntil: secondsAfter(now, minutes * 60) } }
}

/** Why the task cannot be protected, or be asked whether it is; undefined when it can. */
export const protectionFailure = (arn: string, task: TaskRecord | undefined): Failure | undefined => {
  if (task === undefined) return { arn, reason: 'MISSING' }
  if (task.owner === undefined) {
    return { arn, reason: 'TASK_NOT_VALID', detail: 'The task does not belong to a service.' }
  }
  if (desiredStatus(task) === 'STOPPED') return { arn, reason: 'TASK_NOT_VALID', detail: 'The task is not running.' }
  return undefined
}

export const describeProtection = (task: TaskRecord, now: string): ProtectedTask => {
  const { protectedUntil } = task.spec
  const isOn = isProtected(task, now)
  return {
    taskArn: task.arn,
    protectionEnabled: isOn,
    ...(isOn && protectedUntil !== undefined ? { expirationDate: instant(protectedUntil) } : {}),
  }
}
