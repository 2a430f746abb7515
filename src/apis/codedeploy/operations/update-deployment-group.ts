// Changes a deployment group; what a call does not name stays. A deployment under way goes on as it began.

import type { UpdateDeploymentGroupInput, UpdateDeploymentGroupOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { DeploymentGroupAlreadyExistsException } from '../errors.ts'
import { updatedGroup } from '../model/requested-group.ts'
import { checkRouting, checkService } from '../services.ts'
import { deploymentGroups, existingApplication, existingConfig, existingGroup, groupNamed } from '../tables.ts'

export const updateDeploymentGroup: Operation<UpdateDeploymentGroupInput, UpdateDeploymentGroupOutput> = async (
  input,
  call,
) =>
  call.store.write(async (tx) => {
    const application = await existingApplication(tx, call.scope, input.applicationName)
    const group = await existingGroup(tx, application, input.currentDeploymentGroupName)
    const spec = updatedGroup(group.spec, input)
    if (spec.name !== group.spec.name && (await groupNamed(tx, application, spec.name)) !== undefined) {
      throw DeploymentGroupAlreadyExistsException(`Deployment Group already exists with name: ${spec.name}`)
    }
    checkRouting(spec, (await existingConfig(tx, call.scope, spec.deploymentConfigName)).routing)
    await checkService(tx, call, spec, group)
    await tx.put(deploymentGroups, { ...group, spec })
    return { hooksNotCleanedUp: [] }
  })
