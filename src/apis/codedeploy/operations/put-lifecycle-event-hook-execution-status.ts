// Notes what a hook's function has found.

import type {
  PutLifecycleEventHookExecutionStatusInput,
  PutLifecycleEventHookExecutionStatusOutput,
} from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import {
  InvalidLifecycleEventHookExecutionIdException,
  InvalidLifecycleEventHookExecutionStatusException,
  LifecycleEventAlreadyCompletedException,
} from '../errors.ts'
import { isOver } from '../model/deployment.ts'
import { deployments, existingDeployment } from '../tables.ts'

export const putLifecycleEventHookExecutionStatus: Operation<
  PutLifecycleEventHookExecutionStatusInput,
  PutLifecycleEventHookExecutionStatusOutput
> = async (input, call) => {
  const { lifecycleEventHookExecutionId: executionId = '', status } = input
  if (status !== 'Succeeded' && status !== 'Failed') {
    throw InvalidLifecycleEventHookExecutionStatusException(
      'The lifecycle event hook execution status must be Succeeded or Failed',
    )
  }
  return call.store.write(async (tx) => {
    const deployment = await existingDeployment(tx, call.scope, input.deploymentId)
    const { spec, progress } = deployment
    const event = progress.events.find(({ hookExecutionId }) => hookExecutionId === executionId)
    if (event === undefined) {
      throw InvalidLifecycleEventHookExecutionIdException(
        `The lifecycle event hook execution ID ${executionId} is not valid`,
      )
    }
    if (event.status !== 'InProgress' || isOver(deployment) || spec.hookAnswers[executionId] !== undefined) {
      throw LifecycleEventAlreadyCompletedException(`The lifecycle event ${event.name} has already completed`)
    }
    const hookAnswers = { ...spec.hookAnswers, [executionId]: status }
    await tx.put(deployments, { ...deployment, spec: { ...spec, hookAnswers } })
    return { lifecycleEventHookExecutionId: executionId }
  })
}
