// An ECS cluster: a name under which tasks and services are grouped.

import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterServiceConnectDefaults,
  ClusterSetting,
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
