// What a task takes of the host, and how ECS says that there is not enough of it.

import type { Failure } from '@aws-sdk/client-ecs'
import type { Claim, Shortage } from '#aws/capacity.ts'
import { isSpot } from './spot.ts'
import type { TaskRecord } from './task.ts'

/** ECS's words, in RunTask's failures and in service events. */
export const CAPACITY_UNAVAILABLE =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone.'

export const claimOf = (task: TaskRecord): Claim => ({
  arn: task.arn,
  cpuUnits: task.spec.cpuUnits,
  memoryMiB: task.spec.memoryMiB,
  isSpot: isSpot(task),
})

/** Whether a task that is on record waits for room on the host: nothing of it exists yet. */
export const awaitsRoom = ({ spec, status }: TaskRecord): boolean =>
  status.lastStatus === 'PROVISIONING' && status.networkInterfaceId === undefined && spec.stop === undefined

/** One task that RunTask could not accept. The detail is Neargate's own: AWS does not tell what is short. */
export const capacityFailure = ({ of, needed, left }: Shortage): Failure => {
  const unit = of === 'CPU' ? 'CPU units' : 'MiB'
  return {
    reason: CAPACITY_UNAVAILABLE,
    detail: `RESOURCE:${of}: the task needs ${needed} ${unit}, and ${left} are left. See: neargate status`,
  }
}
