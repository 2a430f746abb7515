// Asks for the end of a deployment, and perhaps for its undoing.

import type { StopDeploymentInput, StopDeploymentOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { DeploymentAlreadyCompletedException } from '../errors.ts'
import { isOver } from '../model/deployment.ts'
import { deployments, existingDeployment } from '../tables.ts'

export const stopDeployment: Operation<StopDeploymentInput, StopDeploymentOutput> = async (input, call) =>
  call.store.write(async (tx) => {
    const deployment = await existingDeployment(tx, call.scope, input.deploymentId)
    const { id, spec } = deployment
    if (isOver(deployment)) {
      throw DeploymentAlreadyCompletedException(`The deployment ${id} has already completed`)
    }
    const byGroup = spec.rollback?.enabled === true && spec.rollback.events.includes('DEPLOYMENT_STOP_ON_REQUEST')
    const stopRequested = {
      at: spec.stopRequested?.at ?? call.clock.now().toISOString(),
      rollback: input.autoRollbackEnabled ?? byGroup,
    }
    await tx.put(deployments, { ...deployment, spec: { ...spec, stopRequested } })
    return { status: 'Pending', statusMessage: 'Your deployment is being stopped' }
  })
