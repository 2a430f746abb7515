// "ECS Task State Change": a task as DescribeTasks shows it, with what events add and leave out. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html

import type { Container } from '@aws-sdk/client-ecs'
import { describeTask } from '#apis/ecs/model/describe-task.ts'
import { type TaskRecord, type TaskStatus, taskVersion } from '#apis/ecs/model/task.ts'
import type { Told } from './envelope.ts'

/** Images of ECR are the only ones whose digest events tell. */
const ECR_HOST = /^\d{12}\.dkr\.ecr\./

const containerIn = (container: Container): object => {
  const { healthStatus: _, networkBindings: __, imageDigest, ...rest } = container
  return { ...rest, ...(ECR_HOST.test(rest.image ?? '') ? { imageDigest } : {}) }
}

export const taskEvent = (task: TaskRecord, at: Date): Told => {
  // Events have no health in them, and no tags.
  const { healthStatus: _, tags: __, attachments = [], containers = [], ...rest } = describeTask(task)
  return {
    scope: task.scope,
    source: 'aws.ecs',
    detailType: 'ECS Task State Change',
    resources: [task.arn],
    about: [task.clusterArn, ...(task.owner === undefined ? [] : [task.owner.serviceArn])],
    state: { of: task.arn, version: taskVersion(task) },
    detail: {
      ...rest,
      attachments: attachments.map((one) => ({ ...one, type: 'eni' })),
      containers: containers.map(containerIn),
      updatedAt: at,
    },
  }
}

const withoutHealth = (status: TaskStatus): string =>
  JSON.stringify({
    ...status,
    version: undefined,
    containers: status.containers.map((container) => ({ ...container, health: undefined })),
  })

/** Whether ECS would tell of it: health alone makes no event. */
export const isTold = (before: TaskRecord | undefined, after: TaskRecord): boolean => {
  if (before === undefined || before.spec.stop !== after.spec.stop) return true
  if (before.status === after.status) return false
  return (
    before.status.lastStatus !== after.status.lastStatus || withoutHealth(before.status) !== withoutHealth(after.status)
  )
}
