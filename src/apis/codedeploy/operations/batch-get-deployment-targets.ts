// Shows several targets of a deployment.

import type { BatchGetDeploymentTargetsInput, BatchGetDeploymentTargetsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { BatchLimitExceededException, DeploymentTargetIdRequiredException } from '../errors.ts'
import { BATCH_DEPLOYMENTS } from '../model/limits.ts'
import { existingDeployment } from '../tables.ts'
import { describedTarget } from '../views.ts'

export const batchGetDeploymentTargets: Operation<
  BatchGetDeploymentTargetsInput,
  BatchGetDeploymentTargetsOutput
> = async (input, call) => {
  const { targetIds } = input
  if (targetIds.length === 0) throw DeploymentTargetIdRequiredException('A deployment target ID must be specified')
  if (targetIds.length > BATCH_DEPLOYMENTS) {
    throw BatchLimitExceededException(`The maximum number of targets (${BATCH_DEPLOYMENTS}) was exceeded`)
  }
  return call.store.read(async (reader) => {
    const deployment = await existingDeployment(reader, call.scope, input.deploymentId)
    return { deploymentTargets: await Promise.all(targetIds.map((id) => describedTarget(reader, deployment, id))) }
  })
}
