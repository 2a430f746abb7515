// What a task is told about itself: its record, definition and interface in the words of the metadata endpoint. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html

import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { addressAt, knownCidr } from '#apis/ec2/model/cidr.ts'
import { internalDomain, privateDnsName } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord, SubnetRecord, VpcRecord } from '#apis/ec2/model/records.ts'
import { overriddenContainers } from '#apis/ecs/model/overrides.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import { desiredStatus, type TaskContainer, type TaskRecord } from '#apis/ecs/model/task.ts'
import type {
  ContainerBody,
  ContainerDocument,
  NetworkBody,
  TaskBody,
  TaskMetadataDocument,
} from '#dataplane/metadata/document.ts'
import type { MetadataPlace } from './sink.ts'

/** Everything a document is made of. */
export interface TaskFacts {
  readonly task: TaskRecord
  readonly definition: TaskDefinitionRecord
  readonly networkInterface: NetworkInterfaceRecord
  readonly subnet: SubnetRecord
  readonly vpc: VpcRecord
}

const UNITS_PER_CPU = 1024
/** Docker's least weight, shown where a container names none. */
const CPU_SHARES_LEAST = 2
/** Fargate shows 20496 MiB for 20 GiB. */
const STORAGE_EXTRA_MIB = 16

/** Without the members that have nothing to say. */
const filled = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T

const knownTaskStatus = (task: TaskRecord): string => {
  const { lastStatus, startedAt } = task.status
  if (lastStatus === 'STOPPED') return 'STOPPED'
  return startedAt === undefined ? 'PENDING' : 'RUNNING'
}

const taskBody = ({ task, definition, networkInterface }: TaskFacts): TaskBody => {
  const { spec, status } = task
  const [, service] = /^service:(.+)$/.exec(spec.group) ?? []
  return filled<TaskBody>({
    Cluster: task.clusterArn,
    TaskARN: task.arn,
    Family: definition.family,
    Revision: String(definition.revision),
    ServiceName: service,
    DesiredStatus: desiredStatus(task),
    KnownStatus: knownTaskStatus(task),
    Limits: { CPU: spec.cpuUnits / UNITS_PER_CPU, Memory: spec.memoryMiB },
    PullStartedAt: status.pullStartedAt,
    PullStoppedAt: status.pullStoppedAt,
    ExecutionStoppedAt: status.executionStoppedAt,
    AvailabilityZone: networkInterface.spec.availabilityZone,
    LaunchType: spec.launchType,
    FaultInjectionEnabled: spec.enableFaultInjection ?? false,
  })
}

const networkBody = ({ networkInterface, subnet, vpc }: TaskFacts): NetworkBody => {
  const { privateIp, mac, ipv6Addresses = [] } = networkInterface.spec
  const [ipv6] = subnet.ipv6Cidrs ?? []
  const { region } = networkInterface.scope
  return {
    NetworkMode: 'awsvpc',
    IPv4Addresses: [privateIp],
    ...(ipv6Addresses.length === 0 ? {} : { IPv6Addresses: ipv6Addresses }),
    AttachmentIndex: 0,
    MACAddress: mac,
    IPv4SubnetCIDRBlock: subnet.cidr,
    ...(ipv6Addresses.length === 0 || ipv6 === undefined ? {} : { IPv6SubnetCIDRBlock: ipv6.cidr }),
    DomainNameServers: [addressAt(knownCidr(vpc.cidrs[0] ?? ''), 2n)],
    DomainNameSearchList: [internalDomain(region)],
    PrivateDNSName: privateDnsName(privateIp, region),
    // The router's address with the subnet's mask: "172.31.32.1/20".
    SubnetGatewayIpv4Address: `${addressAt(knownCidr(subnet.cidr), 1n)}/${subnet.cidr.split('/')[1]}`,
  }
}

const labels = ({ task, definition }: TaskFacts, container: TaskContainer, own: ContainerDefinition) => ({
  ...own.dockerLabels,
  'com.amazonaws.ecs.cluster': task.clusterArn,
  'com.amazonaws.ecs.container-name': container.name,
  'com.amazonaws.ecs.task-arn': task.arn,
  'com.amazonaws.ecs.task-definition-family': definition.family,
  'com.amazonaws.ecs.task-definition-version': String(definition.revision),
})

const knownStatus = (container: TaskContainer): string => {
  if (container.lastStatus === 'PENDING') return container.imageDigest === undefined ? 'NONE' : 'PULLED'
  return container.lastStatus
}

const logging = (task: TaskRecord, container: TaskContainer, own: ContainerDefinition) => {
  const { logDriver, options } = own.logConfiguration ?? {}
  if (logDriver === undefined) return { LogDriver: undefined, LogOptions: undefined }
  const prefix = options?.['awslogs-stream-prefix']
  const stream = prefix === undefined ? {} : { 'awslogs-stream': `${prefix}/${container.name}/${task.id}` }
  const { 'awslogs-stream-prefix': _, ...rest } = options ?? {}
  return { LogDriver: logDriver, LogOptions: { ...rest, ...(logDriver === 'awslogs' ? stream : {}) } }
}

const health = ({ health: seen }: TaskContainer): ContainerBody['Health'] =>
  seen === undefined
    ? undefined
    : filled<NonNullable<ContainerBody['Health']>>({
        status: seen.status,
        statusSince: seen.statusSince,
        exitCode: seen.exitCode,
        output: seen.output,
      })

const containerBody = (facts: TaskFacts, container: TaskContainer, own: ContainerDefinition): ContainerBody => {
  const { task } = facts
  const ports = (own.portMappings ?? []).flatMap(({ containerPort, protocol }) =>
    containerPort === undefined
      ? []
      : [{ ContainerPort: containerPort, Protocol: protocol ?? 'tcp', HostPort: containerPort }],
  )
  const volumes = (own.mountPoints ?? []).map(({ sourceVolume = '', containerPath = '' }) => ({
    Source: sourceVolume,
    Destination: containerPath,
  }))
  return filled<ContainerBody>({
    DockerId: container.runtimeId,
    Name: container.name,
    DockerName: container.name,
    Image: container.image,
    ImageID: container.imageDigest,
    Ports: ports.length === 0 ? undefined : ports,
    Labels: labels(facts, container, own),
    DesiredStatus: desiredStatus(task),
    KnownStatus: knownStatus(container),
    ExitCode: container.lastStatus === 'STOPPED' ? container.exitCode : undefined,
    Limits: filled<ContainerBody['Limits']>({
      CPU: Math.max(own.cpu ?? 0, CPU_SHARES_LEAST),
      Memory: own.memory,
    }),
    CreatedAt: container.createdAt,
    StartedAt: container.startedAt,
    FinishedAt: container.finishedAt,
    Type: 'NORMAL',
    Health: health(container),
    Volumes: volumes.length === 0 ? undefined : volumes,
    ...logging(task, container, own),
    ContainerARN: container.arn,
    Networks: [networkBody(facts)],
    Snapshotter: 'overlayfs',
    RestartCount: own.restartPolicy?.enabled === true ? container.restartCount : undefined,
  })
}

/** The document of a task whose interface has its address. */
export const taskDocument = (facts: TaskFacts): TaskMetadataDocument => {
  const { task, definition, networkInterface } = facts
  const containers = overriddenContainers(definition, task.spec.overrides).flatMap((own): ContainerDocument[] => {
    const container = task.status.containers.find(({ name }) => name === own.name)
    if (container === undefined) return []
    const { runtimeId, name, lastStatus } = container
    return [{ id: runtimeId, name, running: lastStatus !== 'STOPPED', body: containerBody(facts, container, own) }]
  })
  return {
    task: taskBody(facts),
    taskTags: Object.fromEntries(task.spec.tags.map(({ key, value }) => [key ?? '', value ?? ''])),
    containers,
    networkInterfaceId: networkInterface.id,
    storageReservedMiB: task.spec.ephemeralStorageGiB * 1024 + STORAGE_EXTRA_MIB,
    taskId: task.id,
  }
}

export const placeOf = ({ spec }: NetworkInterfaceRecord): MetadataPlace => ({
  vpcId: spec.vpcId,
  privateIp: spec.privateIp,
})

export type Step =
  | { readonly do: 'set'; readonly place: MetadataPlace; readonly document: TaskMetadataDocument }
  | { readonly do: 'remove'; readonly place: MetadataPlace }
  | { readonly do: 'rest' }

/** `told` is where the sink has a document of this task; `facts` are undefined when it has none to have. */
export const nextStep = (facts: TaskFacts | undefined, told: MetadataPlace | undefined): Step => {
  if (facts !== undefined) return { do: 'set', place: placeOf(facts.networkInterface), document: taskDocument(facts) }
  return told === undefined ? { do: 'rest' } : { do: 'remove', place: told }
}
