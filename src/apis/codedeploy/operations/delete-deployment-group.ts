// Deletes a deployment group with its finished deployments. One that is not there is no mistake.

import type { DeleteDeploymentGroupInput, DeleteDeploymentGroupOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { existingApplication, forgetGroup, groupNamed } from '../tables.ts'

export const deleteDeploymentGroup: Operation<DeleteDeploymentGroupInput, DeleteDeploymentGroupOutput> = async (
  input,
  call,
) =>
  call.store.write(async (tx) => {
    const application = await existingApplication(tx, call.scope, input.applicationName)
    const group = await groupNamed(tx, application, input.deploymentGroupName)
    if (group !== undefined) await forgetGroup(tx, group)
    return { hooksNotCleanedUp: [] }
  })
