// Fargate Spot: tasks that run on what others leave free, and how they are told to go.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html

import type { TaskStopCode } from '@aws-sdk/client-ecs'
import { askedToStop, isStopped, type TaskRecord } from './task.ts'

export const SPOT_INTERRUPTED = 'Your Spot Task was interrupted.'

export const isSpot = (task: TaskRecord): boolean => task.spec.capacityProviderName === 'FARGATE_SPOT'

/** The same task with notice to leave: SIGTERM at once, SIGKILL after that many seconds. `at` is ISO 8601. */
export const interrupted = (task: TaskRecord, at: string, graceSeconds: number): TaskRecord =>
  askedToStop(task, { code: 'SpotInterruption', reason: SPOT_INTERRUPTED, at, graceSeconds })

/** As answers and events show it: an interrupted task is under notice until it has stopped. */
export const shownStopCode = (task: TaskRecord): TaskStopCode | undefined => {
  const code = task.status.stopCode ?? task.spec.stop?.code
  return code === 'SpotInterruption' && !isStopped(task) ? 'TerminationNotice' : code
}
