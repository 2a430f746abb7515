// Ends a wait: that for the shift of production traffic, or that for the end of the original task set.

import type { ContinueDeploymentInput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { DeploymentAlreadyCompletedException, DeploymentIsNotInReadyStateException } from '../errors.ts'
import { isOver } from '../model/deployment.ts'
import { deployments, existingDeployment } from '../tables.ts'

const STAGE_OF = { READY_WAIT: 'ReadyWait', TERMINATION_WAIT: 'TerminationWait' } as const

export const continueDeployment: Operation<ContinueDeploymentInput, {}> = async (input, call) =>
  call.store.write(async (tx) => {
    const deployment = await existingDeployment(tx, call.scope, input.deploymentId)
    const wait = input.deploymentWaitType ?? 'READY_WAIT'
    const { id, spec, progress } = deployment
    if (isOver(deployment)) {
      throw DeploymentAlreadyCompletedException(`The deployment ${id} has already completed`)
    }
    if (progress.stage !== STAGE_OF[wait]) {
      throw DeploymentIsNotInReadyStateException(
        `The deployment ${id} does not have a status of Ready and can't continue yet.`,
      )
    }
    const continued = { ...spec.continued, [wait]: call.clock.now().toISOString() }
    await tx.put(deployments, { ...deployment, spec: { ...spec, continued } })
    return {}
  })
