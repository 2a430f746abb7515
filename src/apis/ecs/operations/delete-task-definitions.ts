// DeleteTaskDefinitions: revisions that are INACTIVE become DELETE_IN_PROGRESS. Their numbers are never used again.

import type {
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse,
  Failure,
  TaskDefinition,
} from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import type { Scope } from '#aws/scope.ts'
import type { Transaction } from '#store/store.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeTaskDefinition } from '../model/describe-task-definition.ts'
import { parseTaskDefinitionId } from '../model/identifiers.ts'
import { DEFINITIONS_PER_DELETE } from '../model/limits.ts'
import type { TaskDefinitionRecord } from '../model/task-definition.ts'
import { taskDefinitionNamed, taskDefinitions } from '../tables.ts'

const INVALID = 'The specified task definition identifier is invalid. Specify a valid name or ARN and try again.'
const MISSING = 'The specified task definition does not exist. Specify a valid account, family, revision and try again.'
const ACTIVE = 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.'

export const deleteTaskDefinitions: Operation<DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse> = async (
  input,
  call,
) => {
  if (input.taskDefinitions.length > DEFINITIONS_PER_DELETE) {
    throw InvalidParameterException(`taskDefinitions can have at most ${DEFINITIONS_PER_DELETE} items.`)
  }
  const at = call.clock.now().toISOString()
  return call.store.write(async (tx) => {
    const deleted: TaskDefinition[] = []
    const failures: Failure[] = []
    for (const named of new Set(input.taskDefinitions)) {
      const result = await deletion(tx, call.scope, named, at)
      if (typeof result === 'string') failures.push({ arn: named, reason: result })
      else deleted.push(describeTaskDefinition(result))
    }
    return { taskDefinitions: deleted, failures }
  })
}

/** The record as it is now, or the reason why not. */
const deletion = async (
  tx: Transaction,
  scope: Scope,
  named: string,
  at: string,
): Promise<TaskDefinitionRecord | string> => {
  if (parseTaskDefinitionId(scope, named)?.revision === undefined) return INVALID
  const definition = await taskDefinitionNamed(tx, scope, named)
  if (definition === undefined) return MISSING
  if (definition.status === 'ACTIVE') return ACTIVE
  if (definition.status === 'DELETE_IN_PROGRESS') return definition
  const deleting: TaskDefinitionRecord = { ...definition, status: 'DELETE_IN_PROGRESS', deleteRequestedAt: at }
  await tx.put(taskDefinitions, deleting)
  return deleting
}
