// An ECS service: the wish that so many tasks of one kind run, and what is known of how far that is true.

import type {
  AvailabilityZoneRebalancing,
  DeploymentConfiguration,
  DeploymentControllerType,
  PlacementConstraint,
  PlacementStrategy,
  PropagateTags,
  Tag,
} from '@aws-sdk/client-ecs'
import type { ClusterArn, ServiceArn, ServiceDeploymentArn, ServiceRevisionArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

/** What was wished. Written by operations only. */
export interface ServiceSpec {
  readonly desiredCount: number
  readonly deploymentController: DeploymentControllerType
  /** With every default filled in, as answers show it. */
  readonly deploymentConfiguration: DeploymentConfiguration
  /** What new tasks are to be made from; absent only with the EXTERNAL controller, whose task sets have one each. */
  readonly revisionArn?: ServiceRevisionArn
  readonly healthCheckGracePeriodSeconds: number
  readonly availabilityZoneRebalancing: AvailabilityZoneRebalancing
  readonly enableECSManagedTags: boolean
  readonly propagateTags: PropagateTags
  readonly enableExecuteCommand: boolean
  readonly placementConstraints: readonly PlacementConstraint[]
  readonly placementStrategy: readonly PlacementStrategy[]
  readonly tags: readonly Tag[]
  /** ISO 8601: DeleteService was called. The controller drains what is left of it. */
  readonly deleteRequestedAt?: string
}

/** What is. Written by the service controller, and at birth and by the moves below. */
export interface ServiceStatus {
  readonly state: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  /** The revision that the service is being brought to: the one wished for, or an older one after a rollback. */
  readonly primaryRevisionArn?: ServiceRevisionArn
  /** The service deployment under way, or the last one; absent with the EXTERNAL controller. */
  readonly deploymentArn?: ServiceDeploymentArn
  /** Nothing is to be done, and the steady-state event has told so. */
  readonly isSteady: boolean
  /** Tasks that stop before they have been RUNNING make the scheduler wait (AWS: up to 27 minutes). */
  readonly throttle?: StartThrottle
  /** Tasks that end soon after they have been RUNNING are replaced after a pause. */
  readonly pause?: StartThrottle
  /** A move of a task between zones, or a series of them, is under way. */
  readonly rebalancing?: Rebalancing
  /** What the desired count was when the controller last looked. */
  readonly lastDesiredCount?: number
  /** Causes of events that are not to be repeated until they are gone, with the time they were last told. */
  readonly toldAt: Readonly<Record<string, string>>
  /** Numbers the service's events; grows by one with each. */
  readonly lastEvent: number
  readonly inactiveAt?: string
}

export interface Rebalancing {
  /** ISO 8601: the move began. */
  readonly since: string
  /** Zones. */
  readonly from: string
  readonly to: string
  /** The task that came has not been made up for yet. */
  readonly isMoving: boolean
  /** ISO 8601: a move has failed, and none is tried before. */
  readonly restsUntil?: string
}

export interface StartThrottle {
  /** Consecutive rounds of tasks that failed: those that were started together count as one. */
  readonly failures: number
  /** ISO 8601: the last failure. */
  readonly since: string
  /** ISO 8601. */
  readonly notBefore: string
  /** How many starts have to wait until then; all of them for a throttle. */
  readonly held: number
}

export interface ServiceCreation {
  readonly clientToken?: string
  /** In a form that is the same for the same request. */
  readonly request: string
}

export interface ServiceRecord {
  readonly arn: ServiceArn
  readonly name: string
  readonly scope: Scope
  readonly clusterName: string
  readonly clusterArn: ClusterArn
  /** ISO 8601. */
  readonly createdAt: string
  /** The caller's ARN. */
  readonly createdBy: string
  /** What CreateService was asked: the same once more, with the same token or none, is answered and does nothing. */
  readonly creation?: ServiceCreation
  readonly spec: ServiceSpec
  readonly status: ServiceStatus
}

/** One line of `DescribeServices`' events; AWS shows the newest hundred. */
export interface ServiceEventRecord {
  readonly serviceArn: ServiceArn
  /** Of the service; later ones have greater numbers. */
  readonly number: number
  /** A UUID. */
  readonly id: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly message: string
}

/** The bounds of a rolling deployment, rounded as AWS does: the floor up and the ceiling down. */
export const countBounds = (
  desiredCount: number,
  { minimumHealthyPercent = 100, maximumPercent = 200 }: DeploymentConfiguration,
): { readonly least: number; readonly most: number } => ({
  least: Math.ceil((desiredCount * minimumHealthyPercent) / 100),
  most: Math.floor((desiredCount * maximumPercent) / 100),
})

/** The same service, now to be brought to that revision by that deployment. */
export const deployedTo = (
  service: ServiceRecord,
  revisionArn: ServiceRevisionArn,
  deploymentArn: ServiceDeploymentArn,
): ServiceRecord => {
  const { throttle: _, ...status } = service.status
  return {
    ...service,
    spec: { ...service.spec, revisionArn },
    status: { ...status, primaryRevisionArn: revisionArn, deploymentArn, isSteady: false, toldAt: {} },
  }
}

/** The same service, to be drained: nothing is wished for any more. The service controller makes it INACTIVE. */
export const askedToDelete = (service: ServiceRecord, at: string): ServiceRecord => ({
  ...service,
  spec: { ...service.spec, desiredCount: 0, deleteRequestedAt: at },
  status: { ...service.status, state: 'DRAINING', isSteady: false },
})
