// A task as answers show it. DescribeTasks of a hundred must be cheap: nothing is copied but short lists.

import type { Attachment, Container, Task } from '@aws-sdk/client-ecs'
import { instant, maybeInstant } from './instant.ts'
import { shownStopCode } from './spot.ts'
import { desiredStatus, type HealthStatus, type TaskContainer, type TaskRecord, taskVersion } from './task.ts'

const CPU_ARCHITECTURE = 'ecs.cpu-architecture'

/** Tags are shown only where they are asked for. */
export const describeTask = (task: TaskRecord, options: { readonly tags?: boolean } = {}): Task => {
  const { spec, status } = task
  const storage = spec.ephemeralStorageGiB
  return {
    attachments: [describeAttachment(task)],
    attributes: [{ name: CPU_ARCHITECTURE, value: (spec.cpuArchitecture ?? 'X86_64').toLowerCase() }],
    availabilityZone: status.availabilityZone,
    capacityProviderName: spec.capacityProviderName,
    clusterArn: task.clusterArn,
    connectivity: status.connectivityAt === undefined ? undefined : 'CONNECTED',
    connectivityAt: maybeInstant(status.connectivityAt),
    containers: describeContainers(task),
    cpu: String(spec.cpuUnits),
    createdAt: instant(task.createdAt),
    desiredStatus: desiredStatus(task),
    enableExecuteCommand: spec.enableExecuteCommand,
    executionStoppedAt: maybeInstant(status.executionStoppedAt),
    group: spec.group,
    healthStatus: taskHealth(status.containers),
    inferenceAccelerators: [],
    lastStatus: status.lastStatus,
    launchType: spec.launchType,
    memory: String(spec.memoryMiB),
    overrides: spec.overrides,
    platformFamily: 'Linux',
    platformVersion: spec.platformVersion,
    pullStartedAt: maybeInstant(status.pullStartedAt),
    pullStoppedAt: maybeInstant(status.pullStoppedAt),
    startedAt: maybeInstant(status.startedAt),
    startedBy: spec.startedBy,
    stopCode: shownStopCode(task),
    stoppedAt: maybeInstant(status.stoppedAt),
    stoppedReason: status.stoppedReason ?? spec.stop?.reason,
    stoppingAt: maybeInstant(status.stoppingAt),
    tags: options.tags === true ? [...spec.tags] : [],
    taskArn: task.arn,
    taskDefinitionArn: spec.taskDefinitionArn,
    version: taskVersion(task),
    ephemeralStorage: { sizeInGiB: storage },
    fargateEphemeralStorage: { sizeInGiB: storage },
  }
}

const describeAttachment = ({ status: { attachment } }: TaskRecord): Attachment => ({
  id: attachment.id,
  type: 'ElasticNetworkInterface',
  status: attachment.status,
  details: [...attachment.details],
})

const describeContainers = (task: TaskRecord): Container[] => {
  const { attachment, containers } = task.status
  const address = attachment.details.find(({ name }) => name === 'privateIPv4Address')?.value
  const ipv6Address = attachment.details.find(({ name }) => name === 'ipv6Address')?.value
  const networkInterfaces =
    address === undefined
      ? []
      : [
          {
            attachmentId: attachment.id,
            privateIpv4Address: address,
            ...(ipv6Address === undefined ? {} : { ipv6Address }),
          },
        ]
  return containers.map((container) => describeContainer(task, container, networkInterfaces))
}

const describeContainer = (
  task: TaskRecord,
  container: TaskContainer,
  networkInterfaces: NonNullable<Container['networkInterfaces']>,
): Container => ({
  containerArn: container.arn,
  taskArn: task.arn,
  name: container.name,
  image: container.image,
  imageDigest: container.imageDigest,
  // Known to AWS only once the container has been created.
  runtimeId: container.createdAt === undefined ? undefined : container.runtimeId,
  lastStatus: container.lastStatus,
  exitCode: container.exitCode,
  reason: container.reason,
  networkBindings: [],
  networkInterfaces,
  healthStatus: container.health?.status ?? 'UNKNOWN',
  cpu: container.cpu ?? '0',
  memory: container.memory,
  memoryReservation: container.memoryReservation,
})

/**
 * Over essential containers: any UNHEALTHY, else any UNKNOWN, else HEALTHY. A container without a check is UNKNOWN.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
export const taskHealth = (containers: readonly TaskContainer[]): HealthStatus => {
  let health: HealthStatus = 'HEALTHY'
  for (const { essential, health: seen } of containers) {
    if (essential === false) continue
    if (seen?.status === 'UNHEALTHY') return 'UNHEALTHY'
    if (seen?.status !== 'HEALTHY') health = 'UNKNOWN'
  }
  return health
}
