// A service deployment as answers show it: where it comes from, where it goes, and how far it is.

import type {
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceDeploymentLifecycleStage,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import type { TaskCounts } from './describe-service.ts'
import { instant, maybeInstant } from './instant.ts'
import type { HookProgress, ServiceDeploymentRecord } from './service-deployment.ts'
import type { ServiceRevisionRecord } from './service-revision.ts'

/** A revision with what is counted of it. */
export type CountedRevision = TaskCounts & { readonly revision: ServiceRevisionRecord }

/** A revision that has been forgotten is known by nothing but its ARN. */
export const describeDeployment = (
  deployment: ServiceDeploymentRecord,
  revisionOf: (arn: string) => CountedRevision | undefined,
): ServiceDeployment => {
  const { spec, progress } = deployment
  const summary = (arn: string): ServiceRevisionSummary => revisionSummary(arn, revisionOf(arn))
  const { rollback, circuitBreaker, alarms } = progress
  return {
    serviceDeploymentArn: deployment.arn,
    serviceArn: deployment.serviceArn,
    clusterArn: deployment.clusterArn,
    createdAt: instant(deployment.createdAt),
    startedAt: maybeInstant(progress.startedAt),
    finishedAt: maybeInstant(progress.finishedAt),
    stoppedAt: maybeInstant(progress.stoppedAt),
    updatedAt: instant(progress.updatedAt),
    sourceServiceRevisions: spec.sourceRevisionArns.map(summary),
    targetServiceRevision: summary(spec.targetRevisionArn),
    status: progress.state,
    statusReason: progress.reason,
    // The SDK's type lacks a stage that the service has.
    lifecycleStage: progress.lifecycleStage as ServiceDeploymentLifecycleStage | undefined,
    ...(progress.hooks.length === 0 ? {} : { lifecycleHookDetails: progress.hooks.map(describeHook) }),
    deploymentConfiguration: spec.configuration,
    ...(rollback === undefined
      ? {}
      : {
          rollback: {
            reason: rollback.reason,
            startedAt: instant(rollback.startedAt),
            serviceRevisionArn: rollback.revisionArn,
          },
        }),
    deploymentCircuitBreaker: { ...circuitBreaker },
    alarms: {
      status: alarms.status,
      alarmNames: [...(spec.configuration.alarms?.alarmNames ?? [])],
      triggeredAlarmNames: [...alarms.triggered],
    },
  }
}

const revisionSummary = (arn: string, counted: CountedRevision | undefined): ServiceRevisionSummary => {
  if (counted === undefined) return { arn }
  const { rollout } = counted.revision
  return {
    arn,
    requestedTaskCount: rollout.desiredCount,
    runningTaskCount: counted.running,
    pendingTaskCount: counted.pending,
    ...(rollout.testWeight === undefined ? {} : { requestedTestTrafficWeight: rollout.testWeight }),
    ...(rollout.productionWeight === undefined ? {} : { requestedProductionTrafficWeight: rollout.productionWeight }),
  }
}

const describeHook = ({ hookId, targetType, targetArn, status, expiresAt, timeoutAction }: HookProgress) => ({
  hookId,
  targetType,
  targetArn,
  status,
  expiresAt: maybeInstant(expiresAt),
  timeoutAction,
})

/** As ListServiceDeployments shows it. */
export const describeDeploymentBrief = ({
  arn,
  serviceArn,
  clusterArn,
  createdAt,
  spec,
  progress,
}: ServiceDeploymentRecord): ServiceDeploymentBrief => ({
  serviceDeploymentArn: arn,
  serviceArn,
  clusterArn,
  startedAt: maybeInstant(progress.startedAt),
  createdAt: instant(createdAt),
  finishedAt: maybeInstant(progress.finishedAt),
  targetServiceRevisionArn: spec.targetRevisionArn,
  status: progress.state,
  statusReason: progress.reason,
})
