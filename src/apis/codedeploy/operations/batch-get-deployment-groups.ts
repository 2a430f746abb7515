// Shows several deployment groups of an application.

import type { BatchGetDeploymentGroupsInput, BatchGetDeploymentGroupsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { BatchLimitExceededException } from '../errors.ts'
import { BATCH_NAMES } from '../model/limits.ts'
import { existingApplication, existingGroup } from '../tables.ts'
import { describedGroup } from '../views.ts'

export const batchGetDeploymentGroups: Operation<
  BatchGetDeploymentGroupsInput,
  BatchGetDeploymentGroupsOutput
> = async (input, call) => {
  if (input.deploymentGroupNames.length > BATCH_NAMES) {
    throw BatchLimitExceededException(`The maximum number of names (${BATCH_NAMES}) was exceeded`)
  }
  return call.store.read(async (reader) => {
    const application = await existingApplication(reader, call.scope, input.applicationName)
    const deploymentGroupsInfo = await Promise.all(
      input.deploymentGroupNames.map(async (name) =>
        describedGroup(reader, application, await existingGroup(reader, application, name)),
      ),
    )
    return { deploymentGroupsInfo }
  })
}
