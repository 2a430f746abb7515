// UpdateServicePrimaryTaskSet: says which of a service's task sets is the one that serves.

import type { UpdateServicePrimaryTaskSetRequest, UpdateServicePrimaryTaskSetResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { describedTaskSet } from '../service-views.ts'
import { activeCluster, activeService, activeTaskSet, taskSets, taskSetsOfService } from '../tables.ts'

export const updateServicePrimaryTaskSet: Operation<
  UpdateServicePrimaryTaskSetRequest,
  UpdateServicePrimaryTaskSetResponse
> = async (input, call) =>
  call.store.write(async (tx) => {
    const service = await activeService(tx, await activeCluster(tx, call.scope, input.cluster), input.service)
    const wanted = await activeTaskSet(tx, service, input.primaryTaskSet)
    for (const set of await taskSetsOfService(tx, service.arn)) {
      const isPrimary = set.arn === wanted.arn
      if (set.spec.isPrimary !== isPrimary) await tx.put(taskSets, { ...set, spec: { ...set.spec, isPrimary } })
    }
    const primary = await activeTaskSet(tx, service, wanted.arn)
    return { taskSet: await describedTaskSet(tx, service, primary, { tags: true }) }
  })
