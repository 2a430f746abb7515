// Shows a deployment configuration, the caller's or one of AWS's own.

import type { GetDeploymentConfigInput, GetDeploymentConfigOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { describeConfig } from '../model/deployment-config.ts'
import { existingConfig } from '../tables.ts'

export const getDeploymentConfig: Operation<GetDeploymentConfigInput, GetDeploymentConfigOutput> = async (
  input,
  call,
) => {
  const found = await call.store.read((reader) => existingConfig(reader, call.scope, input.deploymentConfigName))
  return { deploymentConfigInfo: describeConfig(found) }
}
