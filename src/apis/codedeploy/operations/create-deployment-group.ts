// Makes a deployment group for an ECS service.

import type { CreateDeploymentGroupInput, CreateDeploymentGroupOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { DeploymentGroupAlreadyExistsException, DeploymentGroupLimitExceededException } from '../errors.ts'
import type { DeploymentGroupRecord } from '../model/deployment-group.ts'
import { DEPLOYMENT_GROUPS_PER_APPLICATION } from '../model/limits.ts'
import { requestedGroup } from '../model/requested-group.ts'
import { tagged } from '../model/tags.ts'
import { checkRouting, checkService } from '../services.ts'
import { deploymentGroups, existingApplication, existingConfig, groupNamed, groupsOfApplication } from '../tables.ts'

export const createDeploymentGroup: Operation<CreateDeploymentGroupInput, CreateDeploymentGroupOutput> = async (
  input,
  call,
) => {
  const { scope } = call
  const tags = tagged([], input.tags ?? [])
  return call.store.write(async (tx) => {
    const application = await existingApplication(tx, scope, input.applicationName)
    const spec = requestedGroup(input)
    if ((await groupNamed(tx, application, spec.name)) !== undefined) {
      throw DeploymentGroupAlreadyExistsException(`Deployment Group already exists with name: ${spec.name}`)
    }
    checkRouting(spec, (await existingConfig(tx, scope, spec.deploymentConfigName)).routing)
    await checkService(tx, call, spec)
    if ((await groupsOfApplication(tx, application)).length >= DEPLOYMENT_GROUPS_PER_APPLICATION) {
      throw DeploymentGroupLimitExceededException(
        `The limit of ${DEPLOYMENT_GROUPS_PER_APPLICATION} deployment groups was exceeded`,
      )
    }
    const made: DeploymentGroupRecord = {
      id: call.random.uuid(),
      scope,
      applicationId: application.id,
      tags,
      spec,
    }
    await tx.put(deploymentGroups, made)
    return { deploymentGroupId: made.id }
  })
}
