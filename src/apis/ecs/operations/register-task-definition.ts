// RegisterTaskDefinition: a new revision of a family, if ECS (and Fargate, where asked for) would take it.

import type { RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { tagProblem } from '#aws/tags.ts'
import { ClientException, InvalidParameterException } from '../errors.ts'
import { describeTaskDefinition } from '../model/describe-task-definition.ts'
import { registeredTaskDefinition } from '../model/registered.ts'
import { taskDefinitionProblem } from '../model/validation/task-definition.ts'
import { families, familyKey, taskDefinitions } from '../tables.ts'

export const registerTaskDefinition: Operation<RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse> = async (
  input,
  call,
) => {
  const { scope } = call
  const problem = taskDefinitionProblem(input, call.settings.mode)
  if (problem !== undefined) throw ClientException(problem)
  if (input.tags?.length === 0) throw InvalidParameterException('Tags can not be empty.')
  const badTags = tagProblem(input.tags ?? [])
  if (badTags !== undefined) throw InvalidParameterException(badTags)

  const at = call.clock.now().toISOString()
  const registered = await call.store.write(async (tx) => {
    const family = await tx.get(families, familyKey(scope, input.family))
    const revision = (family?.lastRevision ?? 0) + 1
    const definition = registeredTaskDefinition(input, { scope, revision, at, by: call.caller.arn })
    await tx.put(families, { scope, family: input.family, lastRevision: revision })
    await tx.put(taskDefinitions, definition)
    return definition
  })
  return { taskDefinition: describeTaskDefinition(registered), tags: [...registered.tags] }
}
