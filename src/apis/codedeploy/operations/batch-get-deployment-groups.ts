// Shows several deployment groups of an application.

import type { BatchGetDeploymentGroupsInput, BatchGetDeploymentGroupsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { BatchLimitExceededException } from '../errors.ts'
import { BATCH_NAMES } from '../model/limits.ts'
import { existingApplication, groupNamed } from '../tables.ts'
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
    const { deploymentGroupNames: names } = input
    const found = await Promise.all(names.map((name) => groupNamed(reader, application, name)))
    const there = found.filter((group) => group !== undefined)
    const deploymentGroupsInfo = await Promise.all(there.map((group) => describedGroup(reader, application, group)))
    // AWS has no refusal here for those that are not there.
    const missing = names.filter((_, index) => found[index] === undefined)
    const problems = missing.map((name) => `No Deployment Group found for name: ${name}`)
    return { deploymentGroupsInfo, ...(problems.length === 0 ? {} : { errorMessage: problems.join('; ') }) }
  })
}
