// A service as answers show it: its wishes, its deployments and task sets with their counts, and its newest events.

import type {
  Deployment,
  Service,
  ServiceCurrentRevisionSummary,
  ServiceEvent,
  ServiceRevision,
  ServiceRevisionLoadBalancer,
  TaskSet,
} from '@aws-sdk/client-ecs'
import { roleArn } from '#aws/arn.ts'
import { instant } from './instant.ts'
import { loadBalancersOf } from './revision-targets.ts'
import { deploymentIdOf, type RevisionTemplate, type ServiceRevisionRecord } from './service-revision.ts'
import type { ServiceEventRecord, ServiceRecord } from './service.ts'
import { computedDesiredCount, type TaskSetRecord } from './task-set.ts'

export interface TaskCounts {
  readonly running: number
  /** Accepted, and not running yet. */
  readonly pending: number
}

export interface ServiceView {
  readonly service: ServiceRecord
  /** Every revision that is not history, the primary one first. */
  readonly revisions: readonly (TaskCounts & { readonly revision: ServiceRevisionRecord })[]
  readonly taskSets: readonly (TaskCounts & { readonly set: TaskSetRecord })[]
  /** Newest first. */
  readonly events: readonly ServiceEventRecord[]
  /** Tags are shown only where they are asked for. */
  readonly tags: boolean
}

export const describeService = (view: ServiceView): Service => {
  const { service, revisions, taskSets } = view
  const { spec, status } = service
  // What the primary task set is made of counts as the service's own.
  const primary =
    revisions.find(({ revision }) => revision.arn === status.primaryRevisionArn)?.revision.template ??
    taskSets.find(({ set }) => set.spec.isPrimary)?.set.spec.template
  const counts = [...revisions, ...taskSets]
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    loadBalancers: [...(primary?.loadBalancers ?? [])],
    serviceRegistries: [...(primary?.serviceRegistries ?? [])],
    status: status.state,
    desiredCount: spec.desiredCount,
    runningCount: counts.reduce((sum, { running }) => sum + running, 0),
    pendingCount: counts.reduce((sum, { pending }) => sum + pending, 0),
    ...(primary === undefined
      ? {}
      : {
          ...capacityOf(primary),
          platformVersion: primary.platformVersion,
          platformFamily: 'Linux',
          taskDefinition: primary.taskDefinitionArn,
          networkConfiguration: primary.networkConfiguration,
        }),
    deploymentConfiguration: spec.deploymentConfiguration,
    taskSets: taskSets.map(({ set, ...count }) => describeTaskSet(service, set, count, view)),
    deployments: revisions.map(({ revision, ...count }) => describeRollout(service, revision, count)),
    roleArn: roleArn(service.scope, '/aws-service-role/ecs.amazonaws.com/', 'AWSServiceRoleForECS'),
    events: view.events.map(describeEvent),
    createdAt: instant(service.createdAt),
    ...(status.deploymentArn === undefined ? {} : { currentServiceDeployment: status.deploymentArn }),
    ...(revisions.length === 0
      ? {}
      : { currentServiceRevisions: revisions.map(({ revision, ...count }) => currentRevision(revision, count)) }),
    placementConstraints: [...spec.placementConstraints],
    placementStrategy: [...spec.placementStrategy],
    healthCheckGracePeriodSeconds: spec.healthCheckGracePeriodSeconds,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: spec.deploymentController },
    ...(view.tags ? { tags: [...spec.tags] } : {}),
    createdBy: service.createdBy,
    enableECSManagedTags: spec.enableECSManagedTags,
    propagateTags: spec.propagateTags,
    enableExecuteCommand: spec.enableExecuteCommand,
    availabilityZoneRebalancing: spec.availabilityZoneRebalancing,
    resourceManagementType: 'CUSTOMER',
  }
}

const capacityOf = ({ launchType, capacityProviderStrategy }: RevisionTemplate) =>
  capacityProviderStrategy === undefined ? { launchType } : { capacityProviderStrategy: [...capacityProviderStrategy] }

const connectOf = ({ serviceConnectConfiguration }: RevisionTemplate) =>
  serviceConnectConfiguration === undefined ? {} : { serviceConnectConfiguration }

/** One entry of `deployments`: what the rolling controller knows as a deployment is a revision's rollout. */
const describeRollout = (
  service: ServiceRecord,
  revision: ServiceRevisionRecord,
  { running, pending }: TaskCounts,
): Deployment => {
  const { template, rollout } = revision
  return {
    id: deploymentIdOf(revision),
    status: revision.arn === service.status.primaryRevisionArn ? 'PRIMARY' : 'ACTIVE',
    taskDefinition: template.taskDefinitionArn,
    desiredCount: rollout.desiredCount,
    pendingCount: pending,
    runningCount: running,
    failedTasks: rollout.failedTasks,
    createdAt: instant(revision.createdAt),
    updatedAt: instant(rollout.updatedAt),
    ...capacityOf(template),
    platformVersion: template.resolvedPlatformVersion,
    platformFamily: 'Linux',
    networkConfiguration: template.networkConfiguration,
    rolloutState: rollout.state,
    rolloutStateReason: rollout.reason,
    ...connectOf(template),
  }
}

const currentRevision = (
  { arn, rollout }: ServiceRevisionRecord,
  { running, pending }: TaskCounts,
): ServiceCurrentRevisionSummary => ({
  arn,
  requestedTaskCount: rollout.desiredCount,
  runningTaskCount: running,
  pendingTaskCount: pending,
})

const describeEvent = ({ id, createdAt, message }: ServiceEventRecord): ServiceEvent => ({
  id,
  createdAt: instant(createdAt),
  message,
})

export const describeTaskSet = (
  service: ServiceRecord,
  set: TaskSetRecord,
  { running, pending }: TaskCounts,
  options: { readonly tags: boolean },
): TaskSet => {
  const { template, ...spec } = set.spec
  return {
    id: set.id,
    taskSetArn: set.arn,
    serviceArn: set.serviceArn,
    clusterArn: set.clusterArn,
    startedBy: spec.startedBy,
    externalId: spec.externalId,
    status: spec.deleteRequestedAt !== undefined ? 'DRAINING' : spec.isPrimary ? 'PRIMARY' : 'ACTIVE',
    taskDefinition: template.taskDefinitionArn,
    computedDesiredCount: computedDesiredCount(service.spec.desiredCount, spec.scale),
    pendingCount: pending,
    runningCount: running,
    createdAt: instant(set.createdAt),
    updatedAt: instant(set.status.updatedAt),
    ...capacityOf(template),
    platformVersion: template.resolvedPlatformVersion,
    platformFamily: 'Linux',
    networkConfiguration: template.networkConfiguration,
    loadBalancers: [...template.loadBalancers],
    serviceRegistries: [...template.serviceRegistries],
    scale: spec.scale,
    stabilityStatus: set.status.stability,
    stabilityStatusAt: instant(set.status.stabilityAt),
    ...(options.tags ? { tags: [...spec.tags] } : {}),
  }
}

const resolved = (revision: ServiceRevisionRecord): ServiceRevisionLoadBalancer[] =>
  loadBalancersOf(revision).map(({ targetGroupArn, advancedConfiguration: { productionListenerRule } = {} }) => ({
    targetGroupArn,
    ...(productionListenerRule === undefined ? {} : { productionListenerRule }),
  }))

export const describeRevision = (
  { clusterArn }: Pick<ServiceRecord, 'clusterArn'>,
  revision: ServiceRevisionRecord,
): ServiceRevision => {
  const { template } = revision
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: revision.serviceArn,
    clusterArn,
    taskDefinition: template.taskDefinitionArn,
    ...capacityOf(template),
    platformVersion: template.resolvedPlatformVersion,
    platformFamily: 'Linux',
    loadBalancers: [...template.loadBalancers],
    serviceRegistries: [...template.serviceRegistries],
    networkConfiguration: template.networkConfiguration,
    containerImages: [...revision.rollout.containerImages],
    guardDutyEnabled: false,
    ...connectOf(template),
    ...(template.loadBalancers.length === 0 ? {} : { resolvedConfiguration: { loadBalancers: resolved(revision) } }),
    createdAt: instant(revision.createdAt),
    ...(template.monitoring === undefined ? {} : { monitoring: template.monitoring }),
  }
}
