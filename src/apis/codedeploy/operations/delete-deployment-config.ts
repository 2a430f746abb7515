// Deletes a deployment configuration that no group uses. One that is not there is no mistake.

import type { DeleteDeploymentConfigInput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { DeploymentConfigInUseException, InvalidOperationException } from '../errors.ts'
import { PREDEFINED } from '../model/deployment-config.ts'
import { configNamed, deploymentConfigs, isConfigInUse } from '../tables.ts'

export const deleteDeploymentConfig: Operation<DeleteDeploymentConfigInput, {}> = async (input, call) => {
  const { deploymentConfigName: name } = input
  if (Object.hasOwn(PREDEFINED, name)) {
    throw InvalidOperationException(`The predefined deployment configuration ${name} cannot be deleted`)
  }
  return call.store.write(async (tx) => {
    const config = await configNamed(tx, call.scope, name)
    if (config === undefined) return {}
    if (await isConfigInUse(tx, call.scope, name)) {
      throw DeploymentConfigInUseException(`Deployment Configuration is still in use: ${name}`)
    }
    await tx.delete(deploymentConfigs, deploymentConfigs.key(config))
    return {}
  })
}
