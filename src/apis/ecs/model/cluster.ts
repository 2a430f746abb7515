// An ECS cluster: a name under which tasks and services are grouped.

import type {
  CapacityProviderStrategyItem,
  Cluster,
  ClusterField,
  ClusterConfiguration,
  ClusterServiceConnectDefaults,
  ClusterSetting,
  KeyValuePair,
  Tag,
} from '@aws-sdk/client-ecs'
import type { ClusterArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

export interface ClusterRecord {
  readonly arn: ClusterArn
  readonly scope: Scope
  readonly name: string
  readonly status: 'ACTIVE' | 'PROVISIONING' | 'DEPROVISIONING' | 'FAILED' | 'INACTIVE'
  readonly settings: readonly ClusterSetting[]
  readonly configuration?: ClusterConfiguration
  readonly serviceConnectDefaults?: ClusterServiceConnectDefaults
  /** FARGATE and FARGATE_SPOT are known to every account but must be associated to be used. */
  readonly capacityProviders: readonly string[]
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderStrategyItem[]
  readonly tags: readonly Tag[]
  /** ISO 8601. */
  readonly createdAt: string
}

export interface ClusterCounts {
  readonly runningTasks: number
  /** Accepted, and not running yet. */
  readonly pendingTasks: number
  readonly activeServices: number
  readonly drainingServices: number
}

/** No container instances: tasks and services on Fargate only. */
const statistics = ({ runningTasks, pendingTasks, activeServices, drainingServices }: ClusterCounts): KeyValuePair[] =>
  Object.entries({
    runningEC2TasksCount: 0,
    runningFargateTasksCount: runningTasks,
    pendingEC2TasksCount: 0,
    pendingFargateTasksCount: pendingTasks,
    runningExternalTasksCount: 0,
    pendingExternalTasksCount: 0,
    activeEC2ServiceCount: 0,
    activeFargateServiceCount: activeServices,
    drainingEC2ServiceCount: 0,
    drainingFargateServiceCount: drainingServices,
    activeExternalServiceCount: 0,
    drainingExternalServiceCount: 0,
  }).map(([name, value]) => ({ name, value: String(value) }))

/** A cluster as answers show it; what is not asked for is left out or empty, as AWS does. */
export const describeCluster = (
  cluster: ClusterRecord,
  counts: ClusterCounts,
  include: readonly ClusterField[] = [],
): Cluster => {
  const shows = (field: ClusterField): boolean => include.includes(field)
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.runningTasks,
    pendingTasksCount: counts.pendingTasks,
    activeServicesCount: counts.activeServices,
    statistics: shows('STATISTICS') ? statistics(counts) : [],
    tags: shows('TAGS') ? [...cluster.tags] : [],
    settings: shows('SETTINGS') ? [...cluster.settings] : [],
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: [...cluster.defaultCapacityProviderStrategy],
    ...(shows('CONFIGURATIONS') ? { configuration: cluster.configuration } : {}),
    ...(shows('ATTACHMENTS') ? { attachments: [] } : {}),
    serviceConnectDefaults: cluster.serviceConnectDefaults,
  }
}
