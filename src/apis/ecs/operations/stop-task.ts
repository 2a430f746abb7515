// StopTask: records the wish that a task ends. The task controller stops its containers.

import type { StopTaskRequest, StopTaskResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeTask } from '../model/describe-task.ts'
import { taskArnOf } from '../model/identifiers.ts'
import { STOP_REASON_CHARACTERS } from '../model/limits.ts'
import { askedToStop } from '../model/task.ts'
import { activeCluster, taskByArn, tasks } from '../tables.ts'

export const stopTask: Operation<StopTaskRequest, StopTaskResponse> = async (input, call) => {
  const { reason = 'Task stopped by user' } = input
  if (reason.length > STOP_REASON_CHARACTERS) {
    throw InvalidParameterException(`reason can not be longer than ${STOP_REASON_CHARACTERS} characters.`)
  }
  const at = call.clock.now().toISOString()
  const stopped = await call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const task = await taskByArn(tx, taskArnOf(call.scope, cluster.name, input.task))
    if (task === undefined) throw InvalidParameterException('The referenced task was not found.')
    const asked = askedToStop(task, { code: 'UserInitiated', reason, at })
    if (asked !== task) await tx.put(tasks, asked)
    return asked
  })
  return { task: describeTask(stopped) }
}
