// Shows a deployment.

import type { GetDeploymentInput, GetDeploymentOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { existingDeployment } from '../tables.ts'
import { describedDeployment } from '../views.ts'

export const getDeployment: Operation<GetDeploymentInput, GetDeploymentOutput> = async (input, call) =>
  call.store.read(async (reader) => {
    const deployment = await existingDeployment(reader, call.scope, input.deploymentId)
    return { deploymentInfo: await describedDeployment(reader, deployment) }
  })
