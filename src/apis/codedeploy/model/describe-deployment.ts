// A deployment and its target, as answers show them. Pure.

import type {
  DeploymentInfo,
  DeploymentOverview,
  DeploymentTarget,
  ECSTaskSet,
  LastDeploymentInfo,
  LifecycleEvent,
  RollbackInfo,
  TargetStatus,
} from '@aws-sdk/client-codedeploy'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import { recordedTime } from '#aws/time.ts'
import { type DeploymentRecord, type DeploymentState, isShift } from './deployment.ts'
import { describeAlarms, describeBlueGreen, describeRoute, STYLE } from './deployment-group.ts'
import type { LifecycleEventRecord } from './lifecycle.ts'
import { describeLocation, type RevisionLocationRecord } from './revision.ts'

const timeOf = (text: string | undefined) => (text === undefined ? undefined : recordedTime(text))

const TARGET_STATUS: Readonly<Record<DeploymentState, TargetStatus>> = {
  Created: 'Pending',
  InProgress: 'InProgress',
  Ready: 'Ready',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Stopped: 'Failed',
}

/** An ECS deployment has one target, the service. */
const overviewOf = ({ progress: { state } }: DeploymentRecord): DeploymentOverview => {
  const none = { Pending: 0, InProgress: 0, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 }
  return { ...none, [TARGET_STATUS[state]]: 1 }
}

const rollbackInfoOf = ({ id, spec, progress }: DeploymentRecord): RollbackInfo | undefined => {
  const { rolledBackBy } = progress
  if (rolledBackBy !== undefined) {
    return {
      rollbackDeploymentId: rolledBackBy,
      rollbackMessage: `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rolledBackBy}.`,
    }
  }
  if (spec.undoes === undefined) return undefined
  return {
    rollbackTriggeringDeploymentId: spec.undoes.deploymentId,
    rollbackMessage: `Deployment ${id} is triggered to roll back deployment ${spec.undoes.deploymentId}.`,
  }
}

/** `previous` is the revision that was deployed last before, if any. */
export const describeDeployment = (
  deployment: DeploymentRecord,
  previous: RevisionLocationRecord | undefined,
): DeploymentInfo => {
  const { spec, progress } = deployment
  const rollbackInfo = rollbackInfoOf(deployment)
  return {
    applicationName: deployment.applicationName,
    deploymentGroupName: deployment.groupName,
    deploymentConfigName: spec.configName,
    deploymentId: deployment.id,
    ...(previous === undefined ? {} : { previousRevision: describeLocation(previous) }),
    revision: describeLocation(spec.revision),
    status: progress.state,
    ...(progress.error === undefined ? {} : { errorInformation: progress.error }),
    createTime: recordedTime(deployment.createdAt),
    startTime: timeOf(progress.startedAt),
    completeTime: timeOf(progress.completedAt),
    deploymentOverview: overviewOf(deployment),
    ...(spec.description === undefined ? {} : { description: spec.description }),
    creator: spec.creator,
    ignoreApplicationStopFailures: spec.ignoreApplicationStopFailures,
    ...(spec.rollback === undefined
      ? {}
      : { autoRollbackConfiguration: { enabled: spec.rollback.enabled, events: [...spec.rollback.events] } }),
    updateOutdatedInstancesOnly: false,
    ...(rollbackInfo === undefined ? {} : { rollbackInfo }),
    deploymentStyle: STYLE,
    instanceTerminationWaitTimeStarted: progress.stage === 'TerminationWait' || progress.stage === 'Termination',
    blueGreenDeploymentConfiguration: describeBlueGreen(spec.blueGreen),
    loadBalancerInfo: describeRoute(spec.route),
    fileExistsBehavior: spec.fileExistsBehavior,
    deploymentStatusMessages: [],
    computePlatform: 'ECS',
    ...(spec.overriddenAlarms === undefined
      ? {}
      : { overrideAlarmConfiguration: describeAlarms(spec.overriddenAlarms) }),
  }
}

export const describeLast = ({ id, createdAt, progress }: DeploymentRecord): LastDeploymentInfo => ({
  deploymentId: id,
  status: progress.state,
  createTime: recordedTime(createdAt),
  endTime: timeOf(progress.completedAt),
})

/** "cluster:service". */
export const targetIdOf = ({ spec: { ecsService } }: DeploymentRecord): string =>
  `${ecsService.clusterName}:${ecsService.serviceName}`

export const targetStatusOf = ({ progress }: DeploymentRecord): TargetStatus => TARGET_STATUS[progress.state]

const describeEvent = ({ name, status, startedAt, endedAt, message }: LifecycleEventRecord): LifecycleEvent => ({
  lifecycleEventName: name,
  status,
  startTime: timeOf(startedAt),
  endTime: timeOf(endedAt),
  ...(message === undefined
    ? {}
    : { diagnostics: { errorCode: 'UnknownError', scriptName: '', message, logTail: '' } }),
})

export interface CountedTaskSet {
  readonly set: TaskSetRecord
  readonly desired: number
  readonly running: number
  readonly pending: number
}

const describeTaskSet = (
  deployment: DeploymentRecord,
  { set, desired, running, pending }: CountedTaskSet,
): ECSTaskSet => {
  const { spec, progress } = deployment
  const { undoes, shift } = spec
  const isReplacement = set.arn === (undoes?.replacementArn ?? progress.replacementArn)
  const toReplacement = undoes === undefined ? progress.productionPercent : 100 - progress.productionPercent
  const groupArn = isShift(shift) ? shift[isReplacement ? 'replacement' : 'original'].targetGroupArn : ''
  return {
    identifer: set.id,
    desiredCount: desired,
    pendingCount: pending,
    runningCount: running,
    status: set.spec.deleteRequestedAt !== undefined ? 'DRAINING' : set.spec.isPrimary ? 'PRIMARY' : 'ACTIVE',
    trafficWeight: isReplacement ? toReplacement : 100 - toReplacement,
    targetGroup: { name: groupArn.split('/')[1] },
    taskSetLabel: isReplacement ? 'Green' : 'Blue',
  }
}

export const describeTarget = (
  deployment: DeploymentRecord,
  serviceArn: string,
  sets: readonly CountedTaskSet[],
): DeploymentTarget => ({
  deploymentTargetType: 'ECSTarget',
  ecsTarget: {
    deploymentId: deployment.id,
    targetId: targetIdOf(deployment),
    targetArn: serviceArn,
    lastUpdatedAt: recordedTime(deployment.progress.updatedAt),
    lifecycleEvents: deployment.progress.events.map(describeEvent),
    status: targetStatusOf(deployment),
    taskSetsInfo: sets.map((set) => describeTaskSet(deployment, set)),
  },
})
