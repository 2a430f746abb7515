// What an answer shows of groups and deployments, gathered from the tables.

import type { DeploymentGroupInfo, DeploymentInfo, DeploymentTarget } from '@aws-sdk/client-codedeploy'
import { serviceArn } from '#aws/arn.ts'
import type { Reader } from '#store/store.ts'
import { computedDesiredCount } from '../ecs/model/task-set.ts'
import { serviceByArn, taskCounts, taskSets } from '../ecs/tables.ts'
import { DeploymentTargetDoesNotExistException, DeploymentTargetIdRequiredException } from './errors.ts'
import type { ApplicationRecord } from './model/application.ts'
import { type DeploymentGroupRecord, describeGroup } from './model/deployment-group.ts'
import { type DeploymentRecord, isShift } from './model/deployment.ts'
import {
  type CountedTaskSet,
  describeDeployment,
  describeLast,
  describeTarget,
  targetIdOf,
} from './model/describe-deployment.ts'
import { deploymentsOfGroup, lastGoodBefore } from './tables.ts'

export const describedGroup = async (
  reader: Reader,
  application: ApplicationRecord,
  group: DeploymentGroupRecord,
): Promise<DeploymentGroupInfo> => {
  const all = await deploymentsOfGroup(reader, group.id)
  const attempted = all.at(-1)
  const successful = all.findLast(({ progress }) => progress.state === 'Succeeded')
  return describeGroup({
    applicationName: application.name,
    group,
    ...(attempted === undefined ? {} : { lastAttempted: describeLast(attempted) }),
    ...(successful === undefined ? {} : { lastSuccessful: describeLast(successful) }),
  })
}

export const describedDeployment = async (reader: Reader, deployment: DeploymentRecord): Promise<DeploymentInfo> =>
  describeDeployment(deployment, (await lastGoodBefore(reader, deployment))?.spec.revision)

/** Refuses a target that the deployment does not have. */
export const describedTarget = async (
  reader: Reader,
  deployment: DeploymentRecord,
  targetId: string | undefined,
): Promise<DeploymentTarget> => {
  if (targetId === undefined || targetId === '') {
    throw DeploymentTargetIdRequiredException('A deployment target ID must be specified')
  }
  if (targetId !== targetIdOf(deployment)) {
    throw DeploymentTargetDoesNotExistException(
      `The target ID ${targetId} was not found in the deployment ${deployment.id}`,
    )
  }
  const { spec, progress, scope } = deployment
  const { clusterName, serviceName } = spec.ecsService
  const arn = serviceArn(scope, clusterName, serviceName)
  const own = isShift(spec.shift) ? [spec.shift.original.taskSetArn] : []
  const replacement = spec.undoes?.replacementArn ?? progress.replacementArn
  const desiredCount = (await serviceByArn(reader, arn))?.spec.desiredCount ?? 0
  const sets: CountedTaskSet[] = []
  for (const setArn of [...own, ...(replacement === undefined ? [] : [replacement])]) {
    const set = await reader.get(taskSets, setArn)
    if (set === undefined) continue
    const desired = computedDesiredCount(desiredCount, set.spec.scale)
    sets.push({ set, desired, ...(await taskCounts(reader, set.arn)) })
  }
  return describeTarget(deployment, arn, sets)
}
