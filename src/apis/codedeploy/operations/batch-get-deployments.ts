// Shows several deployments.

import type { BatchGetDeploymentsInput, BatchGetDeploymentsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { BatchLimitExceededException } from '../errors.ts'
import { BATCH_DEPLOYMENTS } from '../model/limits.ts'
import { existingDeployment } from '../tables.ts'
import { describedDeployment } from '../views.ts'

export const batchGetDeployments: Operation<BatchGetDeploymentsInput, BatchGetDeploymentsOutput> = async (
  input,
  call,
) => {
  if (input.deploymentIds.length > BATCH_DEPLOYMENTS) {
    throw BatchLimitExceededException(`The maximum number of deployments (${BATCH_DEPLOYMENTS}) was exceeded`)
  }
  const deploymentsInfo = await call.store.read((reader) =>
    Promise.all(
      input.deploymentIds.map(async (id) =>
        describedDeployment(reader, await existingDeployment(reader, call.scope, id)),
      ),
    ),
  )
  return { deploymentsInfo }
}
