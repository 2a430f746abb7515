// A service revision: what a service's tasks are made from, frozen when a deployment asks for it, and how its rollout goes.
// DescribeServices shows revisions as "deployments".

import type {
  CapacityProviderStrategyItem,
  ContainerImage,
  DeploymentRolloutState,
  LoadBalancer,
  MonitoringConfiguration,
  NetworkConfiguration,
  ServiceConnectConfiguration,
  ServiceRegistry,
  ServiceVolumeConfiguration,
  VpcLatticeConfiguration,
} from '@aws-sdk/client-ecs'
import type { ServiceArn, ServiceRevisionArn, TaskDefinitionArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

/** Never changes. */
export interface RevisionTemplate {
  readonly taskDefinitionArn: TaskDefinitionArn
  /** One of the two is there. */
  readonly launchType?: 'FARGATE'
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[]
  /** As asked for, "LATEST" by default; and what that was when it was asked for. */
  readonly platformVersion: string
  readonly resolvedPlatformVersion: string
  readonly networkConfiguration: NetworkConfiguration
  readonly loadBalancers: readonly LoadBalancer[]
  readonly serviceRegistries: readonly ServiceRegistry[]
  readonly serviceConnectConfiguration?: ServiceConnectConfiguration
  readonly volumeConfigurations?: readonly ServiceVolumeConfiguration[]
  readonly vpcLatticeConfigurations?: readonly VpcLatticeConfiguration[]
  readonly monitoring?: MonitoringConfiguration
}

/** How the revision's rollout goes. Written by the service controller, except at birth. */
export interface Rollout {
  readonly state: DeploymentRolloutState
  readonly reason: string
  /** Consecutive tasks that failed to start or failed their health checks; AWS's `failedTasks`. */
  readonly failedTasks: number
  /** ISO 8601 of the last of them. */
  readonly lastFailureAt?: string
  /** A task of this revision has been RUNNING: from now on failing health counts, not failing starts. */
  readonly hasRun: boolean
  /** ISO 8601 of the last change. */
  readonly updatedAt: string
  /** How many tasks this revision is to have by now, of all that are wished for. */
  readonly desiredCount: number
  /** Per container, the digest with which the first task started: later ones use the same image. */
  readonly containerImages: readonly ContainerImage[]
  /** Share of production and test traffic, in percent; absent where nothing shifts traffic. */
  readonly productionWeight?: number
  readonly testWeight?: number
}

export interface ServiceRevisionRecord {
  readonly arn: ServiceRevisionArn
  /** 19 digits, the last part of the ARN; the deployment's id is "ecs-svc/" and these. */
  readonly id: string
  readonly scope: Scope
  readonly serviceArn: ServiceArn
  readonly createdAt: string
  readonly template: RevisionTemplate
  /**
   * In the order of the template's load balancers: the target group of the two that traffic is shifted between. Absent
   * where there is nothing to choose.
   */
  readonly targetGroupArns?: readonly string[]
  readonly rollout: Rollout
}

/** The id under which DescribeServices and the tasks' `startedBy` know it. */
export const deploymentIdOf = (revision: Pick<ServiceRevisionRecord, 'id'>): string => `ecs-svc/${revision.id}`
