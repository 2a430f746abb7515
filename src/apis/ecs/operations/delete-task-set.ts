// DeleteTaskSet: the task set is drained; the service controller takes it away when its tasks have gone.

import type { DeleteTaskSetRequest, DeleteTaskSetResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import type { TaskSetRecord } from '../model/task-set.ts'
import { describedTaskSet } from '../service-views.ts'
import { activeCluster, activeService, taskSetNamed, taskSets } from '../tables.ts'

export const deleteTaskSet: Operation<DeleteTaskSetRequest, DeleteTaskSetResponse> = async (input, call) =>
  call.store.write(async (tx) => {
    const service = await activeService(tx, await activeCluster(tx, call.scope, input.cluster), input.service)
    const set = await taskSetNamed(tx, service, input.taskSet)
    if (input.force !== true && (set.spec.scale.value ?? 0) > 0) {
      throw InvalidParameterException('The task set cannot be deleted while it is scaled above 0.')
    }
    const deleteRequestedAt = set.spec.deleteRequestedAt ?? call.clock.now().toISOString()
    const draining: TaskSetRecord = {
      ...set,
      spec: { ...set.spec, scale: { unit: 'PERCENT', value: 0 }, isPrimary: false, deleteRequestedAt },
    }
    await tx.put(taskSets, draining)
    return { taskSet: await describedTaskSet(tx, service, draining, { tags: true }) }
  })
