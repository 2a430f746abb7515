// Shows a deployment's target: its lifecycle events and task sets.

import type { GetDeploymentTargetInput, GetDeploymentTargetOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { existingDeployment } from '../tables.ts'
import { describedTarget } from '../views.ts'

export const getDeploymentTarget: Operation<GetDeploymentTargetInput, GetDeploymentTargetOutput> = async (
  input,
  call,
) =>
  call.store.read(async (reader) => {
    const deployment = await existingDeployment(reader, call.scope, input.deploymentId)
    return { deploymentTarget: await describedTarget(reader, deployment, input.targetId) }
  })
