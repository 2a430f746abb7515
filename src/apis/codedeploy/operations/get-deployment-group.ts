// Shows a deployment group.

import type { GetDeploymentGroupInput, GetDeploymentGroupOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { existingApplication, existingGroup } from '../tables.ts'
import { describedGroup } from '../views.ts'

export const getDeploymentGroup: Operation<GetDeploymentGroupInput, GetDeploymentGroupOutput> = async (input, call) =>
  call.store.read(async (reader) => {
    const application = await existingApplication(reader, call.scope, input.applicationName)
    const group = await existingGroup(reader, application, input.deploymentGroupName)
    return { deploymentGroupInfo: await describedGroup(reader, application, group) }
  })
