// Shows several deployments.

import type { BatchGetDeploymentsInput, BatchGetDeploymentsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { BatchLimitExceededException } from '../errors.ts'
import { BATCH_DEPLOYMENTS } from '../model/limits.ts'
import { deploymentWithId } from '../tables.ts'
import { describedDeployment } from '../views.ts'

export const batchGetDeployments: Operation<BatchGetDeploymentsInput, BatchGetDeploymentsOutput> = async (
  input,
  call,
) => {
  if (input.deploymentIds.length > BATCH_DEPLOYMENTS) {
    throw BatchLimitExceededException(`The maximum number of deployments (${BATCH_DEPLOYMENTS}) was exceeded`)
  }
  const deploymentsInfo = await call.store.read(async (reader) => {
    const found = await Promise.all(input.deploymentIds.map((id) => deploymentWithId(reader, call.scope, id)))
    // AWS has no refusal here for those that are not there.
    const there = found.filter((one) => one !== undefined)
    return Promise.all(there.map((one) => describedDeployment(reader, one)))
  })
  return { deploymentsInfo }
}
