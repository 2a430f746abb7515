// A task definition as it is kept: AWS's defaults filled in, sizes normalised, compatibilities and attributes computed.

import type {
  Compatibility,
  ContainerDefinition,
  HealthCheck,
  NetworkMode,
  PortMapping,
  RegisterTaskDefinitionRequest,
} from '@aws-sdk/client-ecs'
import { taskDefinitionArn } from '#aws/arn.ts'
import type { Checked } from '#aws/operation.ts'
import type { Scope } from '#aws/scope.ts'
import { requiredAttributes } from './required-attributes.ts'
import type { TaskDefinitionRecord } from './task-definition.ts'
import { cpuUnits, memoryMiB } from './task-size.ts'
import { isFargateCompatible } from './validation/task-definition.ts'

type Definition = Checked<RegisterTaskDefinitionRequest>

export interface Registration {
  readonly scope: Scope
  readonly revision: number
  /** ISO 8601. */
  readonly at: string
  /** The ARN of the caller. */
  readonly by: string
}

/** The record of a definition that validation has passed. */
export const registeredTaskDefinition = (definition: Definition, registration: Registration): TaskDefinitionRecord => {
  const { scope, revision, at, by } = registration
  const { family, cpu, memory, networkMode = 'bridge' } = definition
  const compatibilities: Compatibility[] = ['EC2', ...(isFargateCompatible(definition) ? (['FARGATE'] as const) : [])]
  return {
    arn: taskDefinitionArn(scope, family, revision),
    scope,
    family,
    revision,
    status: 'ACTIVE',
    ...present({
      taskRoleArn: definition.taskRoleArn,
      executionRoleArn: definition.executionRoleArn,
      cpu: cpu === undefined ? undefined : String(cpuUnits(cpu)),
      memory: memory === undefined ? undefined : String(memoryMiB(memory)),
      pidMode: definition.pidMode,
      ipcMode: definition.ipcMode,
      ephemeralStorage: definition.ephemeralStorage,
      runtimePlatform: definition.runtimePlatform,
      proxyConfiguration: definition.proxyConfiguration,
      enableFaultInjection: definition.enableFaultInjection,
    }),
    networkMode,
    containerDefinitions: definition.containerDefinitions.map((container) => withDefaults(container, networkMode)),
    volumes: (definition.volumes ?? []).map((volume) => ({ ...volume, host: volume.host ?? hostOf(volume) })),
    placementConstraints: definition.placementConstraints ?? [],
    requiresCompatibilities: definition.requiresCompatibilities ?? [],
    compatibilities,
    requiresAttributes: requiredAttributes({ ...definition, networkMode }),
    registeredAt: at,
    registeredBy: by,
    tags: definition.tags ?? [],
  }
}

/** The same object without members that are undefined: rows are plain JSON. */
const present = <T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

/** Bind volumes are answered with an empty host, as ECS does. */
const hostOf = (volume: NonNullable<Definition['volumes']>[number]) => {
  const isOther =
    volume.configuredAtLaunch === true ||
    volume.efsVolumeConfiguration !== undefined ||
    volume.s3filesVolumeConfiguration !== undefined ||
    volume.dockerVolumeConfiguration !== undefined ||
    volume.fsxWindowsFileServerVolumeConfiguration !== undefined
  return isOther ? undefined : {}
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const withDefaults = (container: ContainerDefinition, networkMode: NetworkMode): ContainerDefinition => ({
  ...container,
  cpu: container.cpu ?? 0,
  essential: container.essential ?? true,
  portMappings: (container.portMappings ?? []).map((mapping) => filledMapping(mapping, networkMode)),
  environment: container.environment ?? [],
  mountPoints: container.mountPoints ?? [],
  volumesFrom: container.volumesFrom ?? [],
  systemControls: container.systemControls ?? [],
  ...(container.healthCheck === undefined ? {} : { healthCheck: filledHealthCheck(container.healthCheck) }),
  ...(container.restartPolicy === undefined
    ? {}
    : { restartPolicy: { ignoredExitCodes: [], restartAttemptPeriod: 300, ...container.restartPolicy } }),
})

const filledMapping = (mapping: PortMapping, networkMode: NetworkMode): PortMapping => {
  const protocol = mapping.protocol ?? 'tcp'
  if (mapping.containerPortRange !== undefined) return { ...mapping, protocol }
  const sharesPorts = networkMode === 'awsvpc' || networkMode === 'host'
  return { ...mapping, hostPort: mapping.hostPort ?? (sharesPorts ? mapping.containerPort : 0), protocol }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
const filledHealthCheck = (healthCheck: HealthCheck): HealthCheck => ({
  ...healthCheck,
  interval: healthCheck.interval ?? 30,
  timeout: healthCheck.timeout ?? 5,
  retries: healthCheck.retries ?? 3,
})
