// Whether a task that runs is just as its record says, so that a comparison need not wake it. Pure.

import { desiredStatus, type TaskContainer, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { ContainerObservation, TaskObservation } from '#engine/engine.ts'

const isAsRecorded = (container: TaskContainer, seen: ContainerObservation | undefined): boolean =>
  container.lastStatus === 'RUNNING'
    ? seen?.state === 'running' && seen.startedAt === container.startedAt
    : container.lastStatus === 'STOPPED' && seen?.state !== 'running'

export const runsAsRecorded = (task: TaskRecord, seen: TaskObservation | undefined): boolean =>
  task.status.lastStatus === 'RUNNING' &&
  desiredStatus(task) === 'RUNNING' &&
  task.status.containers.every((container) =>
    isAsRecorded(
      container,
      seen?.containers.find(({ id }) => id === container.runtimeId),
    ),
  )
