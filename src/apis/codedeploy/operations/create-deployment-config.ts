// Makes a deployment configuration: the steps in which traffic goes over.

import type { CreateDeploymentConfigInput, CreateDeploymentConfigOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import {
  DeploymentConfigAlreadyExistsException,
  DeploymentConfigLimitExceededException,
  InvalidComputePlatformException,
  InvalidDeploymentConfigNameException,
} from '../errors.ts'
import { PREDEFINED, requestedRouting, RESERVED_PREFIX } from '../model/deployment-config.ts'
import { DEPLOYMENT_CONFIGS_PER_ACCOUNT } from '../model/limits.ts'
import { configNamed, configsOfScope, deploymentConfigs } from '../tables.ts'

export const createDeploymentConfig: Operation<CreateDeploymentConfigInput, CreateDeploymentConfigOutput> = async (
  input,
  call,
) => {
  const { scope } = call
  const { deploymentConfigName: name, computePlatform = 'Server' } = input
  if (computePlatform !== 'ECS') {
    throw InvalidComputePlatformException(`The compute platform ${computePlatform} is not supported; use ECS`)
  }
  if (name.startsWith(RESERVED_PREFIX) && !Object.hasOwn(PREDEFINED, name)) {
    throw InvalidDeploymentConfigNameException(`Deployment configuration names cannot start with ${RESERVED_PREFIX}`)
  }
  const routing = requestedRouting(input.trafficRoutingConfig)
  return call.store.write(async (tx) => {
    if (Object.hasOwn(PREDEFINED, name) || (await configNamed(tx, scope, name)) !== undefined) {
      throw DeploymentConfigAlreadyExistsException(`Deployment Configuration already exists with name: ${name}`)
    }
    if ((await configsOfScope(tx, scope)).length >= DEPLOYMENT_CONFIGS_PER_ACCOUNT) {
      throw DeploymentConfigLimitExceededException(
        `The limit of ${DEPLOYMENT_CONFIGS_PER_ACCOUNT} deployment configurations was exceeded`,
      )
    }
    const id = call.random.uuid()
    await tx.put(deploymentConfigs, { id, scope, name, createdAt: call.clock.now().toISOString(), routing })
    return { deploymentConfigId: id }
  })
}
