// CreateTaskSet: one more share of a service whose deployments someone else controls.

import type { CreateTaskSetRequest, CreateTaskSetResponse } from '@aws-sdk/client-ecs'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { InvalidParameterException } from '../errors.ts'
import { sameForm } from '../model/client-token.ts'
import type { ClusterRecord } from '../model/cluster.ts'
import { TASK_SETS_PER_SERVICE } from '../model/limits.ts'
import { newTaskSet } from '../model/new-task-set.ts'
import type { ServiceRecord } from '../model/service.ts'
import type { TaskSetRecord } from '../model/task-set.ts'
import { firstOf } from '../model/validation/problem.ts'
import { createTaskSetProblems } from '../model/validation/task-set.ts'
import { checkedTemplate } from '../service-templates.ts'
import { describedTaskSet } from '../service-views.ts'
import { activeCluster, activeService, taskSets, taskSetsOfService } from '../tables.ts'

type Request = Checked<CreateTaskSetRequest>

export const createTaskSet: Operation<CreateTaskSetRequest, CreateTaskSetResponse> = async (input, call) => {
  const problem = firstOf(createTaskSetProblems(input))
  if (problem !== undefined) throw InvalidParameterException(problem)
  return call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const service = await activeService(tx, cluster, input.service)
    const { deploymentController: controller, enableExecuteCommand } = service.spec
    if (controller !== 'EXTERNAL') {
      throw InvalidParameterException(
        `Task sets can not be created in services with the ${controller} deployment controller.`,
      )
    }
    const existing = await taskSetsOfService(tx, service.arn)
    const set =
      repeated(existing, input) ??
      (await created(tx, call, { cluster, service, existing, input: { ...input, enableExecuteCommand } }))
    return { taskSet: await describedTaskSet(tx, service, set, { tags: true }) }
  })
}

/** The task set that the same request with the same token has made already. */
const repeated = (existing: readonly TaskSetRecord[], input: Request): TaskSetRecord | undefined => {
  const known = existing.find(({ creation }) => creation !== undefined && creation.clientToken === input.clientToken)
  if (known === undefined || known.creation?.request === sameForm(input)) return known
  throw InvalidParameterException('Creation of task set was not idempotent.')
}

const created = async (
  tx: Transaction,
  call: Call,
  options: {
    readonly cluster: ClusterRecord
    readonly service: ServiceRecord
    readonly existing: readonly TaskSetRecord[]
    readonly input: Request & { readonly enableExecuteCommand: boolean }
  },
): Promise<TaskSetRecord> => {
  const { cluster, service, existing } = options
  if (existing.length >= TASK_SETS_PER_SERVICE) {
    throw InvalidParameterException(
      `${TASK_SETS_PER_SERVICE} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.`,
    )
  }
  const { enableExecuteCommand, ...input } = options.input
  const template = await checkedTemplate(tx, call, cluster, { ...input, enableExecuteCommand })
  const at = call.clock.now().toISOString()
  const { clientToken, externalId, tags, scale } = input
  const creation = clientToken === undefined ? {} : { creation: { clientToken, request: sameForm(input) } }
  const wish = { template, percent: scale?.value, externalId, tags, ...creation }
  const set = newTaskSet(service, wish, { random: call.random, at })
  await tx.put(taskSets, set)
  return set
}
