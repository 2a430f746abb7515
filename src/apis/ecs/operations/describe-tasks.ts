// DescribeTasks: the facts about up to a hundred tasks of one cluster.

import type { DescribeTasksRequest, DescribeTasksResponse, Failure, Task } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeTask } from '../model/describe-task.ts'
import { taskArnOf } from '../model/identifiers.ts'
import { TASKS_PER_DESCRIBE } from '../model/limits.ts'
import { activeCluster, taskByArn } from '../tables.ts'

export const describeTasks: Operation<DescribeTasksRequest, DescribeTasksResponse> = async (input, call) => {
  if (input.tasks.length === 0) throw InvalidParameterException('Tasks cannot be empty.')
  if (input.tasks.length > TASKS_PER_DESCRIBE) {
    throw InvalidParameterException(`Tasks can have at most ${TASKS_PER_DESCRIBE} items.`)
  }
  const tags = input.include?.includes('TAGS') ?? false
  return call.store.read(async (reader) => {
    const cluster = await activeCluster(reader, call.scope, input.cluster)
    const tasks: Task[] = []
    const failures: Failure[] = []
    for (const arn of new Set(input.tasks.map((named) => taskArnOf(call.scope, cluster.name, named)))) {
      const task = await taskByArn(reader, arn)
      if (task === undefined) failures.push({ arn, reason: 'MISSING' })
      else tasks.push(describeTask(task, { tags }))
    }
    return { tasks, failures }
  })
}
