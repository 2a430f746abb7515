// UpdateTaskSet: another share of the service's desired count.

import type { UpdateTaskSetRequest, UpdateTaskSetResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import type { TaskSetRecord } from '../model/task-set.ts'
import { firstOf } from '../model/validation/problem.ts'
import { scaleProblems } from '../model/validation/task-set.ts'
import { describedTaskSet } from '../service-views.ts'
import { activeCluster, activeService, activeTaskSet, taskSets } from '../tables.ts'

export const updateTaskSet: Operation<UpdateTaskSetRequest, UpdateTaskSetResponse> = async (input, call) => {
  const problem = firstOf(scaleProblems(input.scale))
  if (problem !== undefined) throw InvalidParameterException(problem)
  return call.store.write(async (tx) => {
    const service = await activeService(tx, await activeCluster(tx, call.scope, input.cluster), input.service)
    const set = await activeTaskSet(tx, service, input.taskSet)
    const updated: TaskSetRecord = {
      ...set,
      spec: { ...set.spec, scale: { unit: 'PERCENT', value: input.scale.value ?? 0 } },
    }
    await tx.put(taskSets, updated)
    return { taskSet: await describedTaskSet(tx, service, updated, { tags: true }) }
  })
}
