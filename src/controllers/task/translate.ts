// From ECS's records to the engine's words. Pure.

import type { ContainerDefinition, MountPoint } from '@aws-sdk/client-ecs'
import { addressAt, knownCidr } from '#apis/ec2/model/cidr.ts'
import { internalDomain, privateDnsName } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { EngineContainer, EngineMount, EngineTask } from '#engine/engine.ts'
import type { TaskSettings } from './facts.ts'
import { CPU_SHARES_LEAST, OPEN_FILES_LIMIT } from './limits.ts'
import { initializationFailed } from './reasons.ts'
import { type Member, volumeSources } from './roster.ts'

/** AWS: "Task metadata endpoint", the same in every task. */
const METADATA_URL = 'http://169.254.170.2'
/** One vCPU in AWS's CPU units. */
const UNITS_PER_CPU = 1024
/** The tag of a task that asks for a kernel of its own; AWS has no word for it. */
const ISOLATION_TAG = 'neargate:isolation'
const ISOLATION_CLASSES: readonly EngineTask['isolation'][] = ['default', 'gvisor']

/** Undefined for a class that there is not: who asks for more isolation must not get less without a word. */
const isolationOf = ({ spec }: TaskRecord): EngineTask['isolation'] | undefined => {
  const wanted = spec.tags.find(({ key }) => key === ISOLATION_TAG)?.value ?? 'default'
  return ISOLATION_CLASSES.find((name) => name === wanted)
}

/** Why the task cannot be translated for the engine. */
export const unknownIsolation = (task: TaskRecord): string | undefined =>
  isolationOf(task) === undefined
    ? initializationFailed(`The tag ${ISOLATION_TAG} knows the values ${ISOLATION_CLASSES.join(' and ')}.`)
    : undefined

/** Two above the base of the VPC's first block. AWS: "Amazon DNS server". */
const resolverOf = (vpcCidr: string): string => addressAt(knownCidr(vpcCidr), 2n)

export const engineTask = (
  task: TaskRecord,
  definition: TaskDefinitionRecord,
  networkInterface: NetworkInterfaceRecord,
  vpcCidr: string,
): EngineTask => {
  const { privateIp } = networkInterface.spec
  const { region } = task.scope
  const hostname = privateDnsName(privateIp, region)
  return {
    id: task.id,
    networkNamespacePath: networkInterface.status.namespacePath ?? '',
    hostname,
    cpuMillis: Math.round((task.spec.cpuUnits * 1000) / UNITS_PER_CPU),
    memoryMiB: task.spec.memoryMiB,
    storageGiB: task.spec.ephemeralStorageGiB,
    pidMode: definition.pidMode === 'task' ? 'task' : 'container',
    isolation: isolationOf(task) ?? 'default',
    volumes: definition.volumes.flatMap(({ name }) => name ?? []),
    dns: { servers: [resolverOf(vpcCidr)], search: [internalDomain(region)] },
    hosts: [{ address: privateIp, names: [hostname] }],
  }
}

/** What ECS puts into every container. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-metadata.html */
export const containerEnvironment = (
  task: TaskRecord,
  member: Member,
  settings: TaskSettings,
): Readonly<Record<string, string>> => {
  const { region } = task.scope
  const { runtimeId } = member.container
  const own = (member.definition.environment ?? []).map(({ name, value }) => [name ?? '', value ?? ''] as const)
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: settings.endpointUrl,
    ...Object.fromEntries(own.filter(([name]) => name !== '')),
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    ECS_CONTAINER_METADATA_URI: `${METADATA_URL}/v3/${runtimeId}`,
    ECS_CONTAINER_METADATA_URI_V4: `${METADATA_URL}/v4/${runtimeId}`,
    ECS_AGENT_URI: `${METADATA_URL}/api/${runtimeId}`,
  }
}

const mountOf = (point: MountPoint, readOnly: boolean): EngineMount => ({
  volume: point.sourceVolume ?? '',
  path: point.containerPath ?? '',
  readOnly: readOnly || point.readOnly === true,
})

/** Its own mounts, and those of the containers that volumesFrom names; its own win where they meet. */
const mounts = (member: Member, members: readonly Member[]): EngineMount[] => {
  const own = (member.definition.mountPoints ?? []).map((point) => mountOf(point, false))
  const taken = new Set(own.map(({ path }) => path))
  for (const { source, readOnly } of volumeSources(member, members)) {
    for (const point of source.definition.mountPoints ?? []) {
      const mount = mountOf(point, readOnly)
      if (!taken.has(mount.path)) own.push(mount)
      taken.add(mount.path)
    }
  }
  return own
}

const volumesFrom = (member: Member, members: readonly Member[]): Pick<EngineContainer, 'volumesFrom'> => {
  const sources = volumeSources(member, members).map(({ source, readOnly }) => ({
    containerId: source.container.runtimeId,
    readOnly,
  }))
  return sources.length === 0 ? {} : { volumesFrom: sources }
}

const ulimits = (definition: ContainerDefinition): EngineContainer['ulimits'] => {
  const own = (definition.ulimits ?? []).map(({ name, softLimit, hardLimit }) => ({
    name: name ?? '',
    soft: softLimit ?? 0,
    hard: hardLimit ?? 0,
  }))
  return own.some(({ name }) => name === 'nofile')
    ? own
    : [...own, { name: 'nofile', soft: OPEN_FILES_LIMIT, hard: OPEN_FILES_LIMIT }]
}

const withoutPrefix = (names: readonly string[] | undefined): string[] =>
  (names ?? []).map((name) => name.replace(/^CAP_/, ''))

const processOf = (definition: ContainerDefinition) => ({
  ...(definition.entryPoint === undefined ? {} : { entryPoint: definition.entryPoint }),
  ...(definition.command === undefined ? {} : { command: definition.command }),
  ...(definition.workingDirectory === undefined ? {} : { workingDirectory: definition.workingDirectory }),
  ...(definition.user === undefined ? {} : { user: definition.user }),
  tty: definition.pseudoTerminal === true,
  interactive: definition.interactive === true,
  init: definition.linuxParameters?.initProcessEnabled === true,
})

const memoryOf = ({ memory, memoryReservation }: ContainerDefinition) => ({
  ...(memory ? { memoryMiB: memory } : {}),
  ...(memoryReservation ? { memoryReservationMiB: memoryReservation } : {}),
})

export const engineContainer = (
  task: TaskRecord,
  member: Member,
  members: readonly Member[],
  imageDigest: string,
  settings: TaskSettings,
): EngineContainer => {
  const { definition } = member
  const { tmpfs, capabilities } = definition.linuxParameters ?? {}
  return {
    id: member.container.runtimeId,
    taskId: task.id,
    name: member.name,
    imageDigest,
    ...processOf(definition),
    environment: containerEnvironment(task, member, settings),
    readonlyRootFilesystem: definition.readonlyRootFilesystem === true,
    cpuShares: Math.max(definition.cpu ?? 0, CPU_SHARES_LEAST),
    ...memoryOf(definition),
    mounts: mounts(member, members),
    ...volumesFrom(member, members),
    tmpfs: (tmpfs ?? []).map(({ containerPath, size, mountOptions }) => ({
      path: containerPath ?? '',
      sizeMiB: size ?? 0,
      options: mountOptions ?? [],
    })),
    ulimits: ulimits(definition),
    sysctls: Object.fromEntries(
      (definition.systemControls ?? []).map(({ namespace, value }) => [namespace ?? '', value ?? '']),
    ),
    capabilities: { add: withoutPrefix(capabilities?.add), drop: withoutPrefix(capabilities?.drop) },
  }
}
