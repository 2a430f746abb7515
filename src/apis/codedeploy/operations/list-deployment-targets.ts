// Lists a deployment's targets: an ECS deployment has one, "cluster:service".

import type { ListDeploymentTargetsInput, ListDeploymentTargetsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { targetIdOf, targetStatusOf } from '../model/describe-deployment.ts'
import { existingDeployment } from '../tables.ts'

export const listDeploymentTargets: Operation<ListDeploymentTargetsInput, ListDeploymentTargetsOutput> = async (
  input,
  call,
) => {
  const deployment = await call.store.read((reader) => existingDeployment(reader, call.scope, input.deploymentId))
  const wanted = input.targetFilters?.TargetStatus
  const isWanted = wanted === undefined || wanted.includes(targetStatusOf(deployment))
  return { targetIds: isWanted ? [targetIdOf(deployment)] : [] }
}
