// A task definition as answers show it.

import type { TaskDefinition } from '@aws-sdk/client-ecs'
import { instant, maybeInstant } from './instant.ts'
import type { TaskDefinitionRecord } from './task-definition.ts'

export const describeTaskDefinition = (definition: TaskDefinitionRecord): TaskDefinition => {
  return {
    taskDefinitionArn: definition.arn,
    containerDefinitions: [...definition.containerDefinitions],
    family: definition.family,
    taskRoleArn: definition.taskRoleArn,
    executionRoleArn: definition.executionRoleArn,
    networkMode: definition.networkMode,
    revision: definition.revision,
    volumes: [...definition.volumes],
    status: definition.status,
    requiresAttributes: [...definition.requiresAttributes],
    placementConstraints: [...(definition.placementConstraints ?? [])],
    compatibilities: [...definition.compatibilities],
    runtimePlatform: definition.runtimePlatform,
    // Left out of the answer when the caller named none.
    requiresCompatibilities:
      definition.requiresCompatibilities.length > 0 ? [...definition.requiresCompatibilities] : undefined,
    cpu: definition.cpu,
    memory: definition.memory,
    pidMode: definition.pidMode,
    ipcMode: definition.ipcMode,
    proxyConfiguration: definition.proxyConfiguration,
    registeredAt: instant(definition.registeredAt),
    deregisteredAt: maybeInstant(definition.deregisteredAt),
    deleteRequestedAt: maybeInstant(definition.deleteRequestedAt),
    registeredBy: definition.registeredBy,
    ephemeralStorage: definition.ephemeralStorage,
    enableFaultInjection: definition.enableFaultInjection,
  }
}
