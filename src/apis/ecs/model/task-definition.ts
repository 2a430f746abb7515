// A task definition: one immutable revision of a family.

import type {
  Attribute,
  Compatibility,
  ContainerDefinition,
  EphemeralStorage,
  ProxyConfiguration,
  RuntimePlatform,
  Tag,
  TaskDefinitionPlacementConstraint,
  TaskDefinitionStatus,
  Volume,
} from '@aws-sdk/client-ecs'
import type { TaskDefinitionArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

export interface TaskDefinitionRecord {
  readonly arn: TaskDefinitionArn
  readonly scope: Scope
  readonly family: string
  readonly revision: number
  readonly status: TaskDefinitionStatus
  readonly taskRoleArn?: string
  readonly executionRoleArn?: string
  readonly networkMode: 'awsvpc' | 'bridge' | 'host' | 'none'
  /** With ECS's defaults filled in, as DescribeTaskDefinition answers them. */
  readonly containerDefinitions: readonly ContainerDefinition[]
  readonly volumes: readonly Volume[]
  /** Normalised: "256" for ".25 vCPU". Both are always there for Fargate. */
  readonly cpu?: string
  readonly memory?: string
  readonly pidMode?: 'task' | 'host'
  readonly ipcMode?: 'host' | 'task' | 'none'
  readonly ephemeralStorage?: EphemeralStorage
  readonly runtimePlatform?: RuntimePlatform
  readonly proxyConfiguration?: ProxyConfiguration
  /** EC2 only. */
  readonly placementConstraints?: readonly TaskDefinitionPlacementConstraint[]
  readonly requiresCompatibilities: readonly Compatibility[]
  readonly compatibilities: readonly Compatibility[]
  readonly requiresAttributes: readonly Attribute[]
  readonly enableFaultInjection?: boolean
  /** ISO 8601. */
  readonly registeredAt: string
  readonly registeredBy: string
  readonly deregisteredAt?: string
  readonly deleteRequestedAt?: string
  readonly tags: readonly Tag[]
}

export const containerNamed = (definition: TaskDefinitionRecord, name: string): ContainerDefinition | undefined =>
  definition.containerDefinitions.find((container) => container.name === name)
