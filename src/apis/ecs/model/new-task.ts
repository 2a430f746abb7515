// A task at its birth: everything that can be known before any controller has seen it.

import type { ContainerDefinition, Tag, TaskOverride } from '@aws-sdk/client-ecs'
import { containerArn, newTaskArn, lastPart } from '#aws/arn.ts'
import { mergedTags } from '#aws/tags.ts'
import type { Random } from '#base/random.ts'
import type { ClusterRecord } from './cluster.ts'
import { EPHEMERAL_STORAGE_DEFAULT_GIB } from './limits.ts'
import { echoedOverrides, overriddenContainers } from './overrides.ts'
import type { TaskDefinitionRecord } from './task-definition.ts'
import type { TaskNetwork } from './task-network.ts'
import { cpuUnits, memoryMiB } from './task-size.ts'
import type { TaskContainer, TaskOwner, TaskRecord } from './task.ts'

export interface NewTask {
  readonly cluster: ClusterRecord
  readonly definition: TaskDefinitionRecord
  readonly overrides: TaskOverride
  readonly network: TaskNetwork
  readonly platformVersion: string
  readonly capacityProviderName?: string
  readonly group?: string
  readonly startedBy?: string
  readonly enableExecuteCommand: boolean
  readonly tags: readonly Tag[]
  /** Of a service's task. */
  readonly owner?: TaskOwner
  readonly imageDigests?: Readonly<Record<string, string>>
  readonly random: Random
  /** ISO 8601. */
  readonly at: string
  /** Counts the tasks of one request: they are spread over the subnets in turn. */
  readonly turn: number
}

export const newTask = (wish: NewTask): TaskRecord => {
  const { cluster, definition, overrides, network, random } = wish
  const arn = newTaskArn(cluster.scope, cluster.name, random)
  const id = lastPart(arn)
  const subnet = network.subnets[wish.turn % network.subnets.length]
  if (subnet === undefined) throw new Error('a task needs a subnet')
  return {
    arn,
    id,
    scope: cluster.scope,
    clusterName: cluster.name,
    clusterArn: cluster.arn,
    createdAt: wish.at,
    spec: {
      taskDefinitionArn: definition.arn,
      launchType: 'FARGATE',
      ...(wish.capacityProviderName === undefined ? {} : { capacityProviderName: wish.capacityProviderName }),
      platformVersion: wish.platformVersion,
      group: wish.group ?? `family:${definition.family}`,
      ...(wish.startedBy === undefined ? {} : { startedBy: wish.startedBy }),
      overrides: echoedOverrides(definition, overrides),
      subnets: network.subnets.map((one) => one.id),
      securityGroups: network.securityGroups,
      assignPublicIp: network.assignPublicIp,
      enableExecuteCommand: wish.enableExecuteCommand,
      cpuUnits: cpuUnits(overrides.cpu ?? definition.cpu ?? '') ?? 0,
      memoryMiB: memoryMiB(overrides.memory ?? definition.memory ?? '') ?? 0,
      ephemeralStorageGiB:
        overrides.ephemeralStorage?.sizeInGiB ??
        definition.ephemeralStorage?.sizeInGiB ??
        EPHEMERAL_STORAGE_DEFAULT_GIB,
      tags: wish.tags,
      cpuArchitecture: definition.runtimePlatform?.cpuArchitecture ?? 'X86_64',
      ...(definition.enableFaultInjection === undefined
        ? {}
        : { enableFaultInjection: definition.enableFaultInjection }),
      ...(wish.imageDigests === undefined ? {} : { imageDigests: wish.imageDigests }),
    },
    status: {
      lastStatus: 'PROVISIONING',
      version: 1,
      containers: overriddenContainers(definition, overrides).map((container) => newContainer(wish, id, container)),
      attachment: { id: random.uuid(), status: 'PRECREATED', details: [{ name: 'subnetId', value: subnet.id }] },
      availabilityZone: subnet.availabilityZone,
    },
    ...(wish.owner === undefined ? {} : { owner: wish.owner }),
  }
}

const newContainer = ({ cluster, random }: NewTask, taskId: string, container: ContainerDefinition): TaskContainer => ({
  name: container.name ?? '',
  arn: containerArn(cluster.scope, cluster.name, taskId, random.uuid()),
  runtimeId: `${taskId}-${random.digits(10)}`,
  image: container.image ?? '',
  essential: container.essential ?? true,
  cpu: String(container.cpu ?? 0),
  ...(container.memory === undefined ? {} : { memory: String(container.memory) }),
  ...(container.memoryReservation === undefined ? {} : { memoryReservation: String(container.memoryReservation) }),
  lastStatus: 'PENDING',
  restartCount: 0,
})

/** The caller's own tags, over those of the task definition where they are propagated, and ECS's own. */
export const newTaskTags = (options: {
  readonly given: readonly Tag[]
  readonly definition: TaskDefinitionRecord
  readonly propagated: boolean
  readonly managed: boolean
  readonly clusterName: string
  readonly serviceName?: string
}): Tag[] => [
  ...(options.managed ? [{ key: 'aws:ecs:clusterName', value: options.clusterName }] : []),
  ...(options.managed && options.serviceName !== undefined
    ? [{ key: 'aws:ecs:serviceName', value: options.serviceName }]
    : []),
  ...mergedTags(options.propagated ? options.definition.tags : [], options.given),
]
