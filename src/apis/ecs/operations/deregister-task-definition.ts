// DeregisterTaskDefinition: a revision becomes INACTIVE. What runs of it goes on; nothing new starts from it.

import type { DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { ClientException } from '../errors.ts'
import { describeTaskDefinition } from '../model/describe-task-definition.ts'
import { parseTaskDefinitionId } from '../model/identifiers.ts'
import type { TaskDefinitionRecord } from '../model/task-definition.ts'
import { taskDefinitionNamed, taskDefinitions } from '../tables.ts'

export const deregisterTaskDefinition: Operation<
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse
> = async (input, call) => {
  const { scope } = call
  const id = parseTaskDefinitionId(scope, input.taskDefinition)
  if (id !== undefined && id.revision === undefined) throw ClientException('Revision is missing.')
  const deregisteredAt = call.clock.now().toISOString()
  const deregistered = await call.store.write(async (tx) => {
    const definition = await taskDefinitionNamed(tx, scope, input.taskDefinition)
    if (definition === undefined) throw ClientException('The specified task definition does not exist.')
    if (definition.status !== 'ACTIVE') return definition
    const inactive: TaskDefinitionRecord = { ...definition, status: 'INACTIVE', deregisteredAt }
    await tx.put(taskDefinitions, inactive)
    return inactive
  })
  return { taskDefinition: describeTaskDefinition(deregistered) }
}
