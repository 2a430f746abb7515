// What a task may know of itself, as JSON: made by the control plane, kept and answered by the edge.

/** The bodies are as the endpoint answers them; empty fields are left out. Keys are AWS's (amazon-ecs-agent, tmds). */
export interface TaskMetadataDocument {
  /** Of version 4, without its containers and tags. */
  readonly task: TaskBody
  readonly taskTags: Readonly<Record<string, string>>
  readonly containers: readonly ContainerDocument[]
  /** "eni-…": whose counters the statistics show. */
  readonly networkInterfaceId: string
  /** MiB; what is used is read when it is asked for. */
  readonly storageReservedMiB: number
  /** The task's id, as the engine knows it. */
  readonly taskId: string
}

export interface ContainerDocument {
  /** The runtimeId: DockerId, and the endpoint's id in ECS_CONTAINER_METADATA_URI_V4. */
  readonly id: string
  readonly name: string
  readonly running: boolean
  readonly body: ContainerBody
}

export interface TaskBody {
  readonly Cluster: string
  readonly TaskARN: string
  readonly Family: string
  readonly Revision: string
  readonly DesiredStatus: string
  readonly KnownStatus: string
  /** vCPUs and MiB. */
  readonly Limits: { readonly CPU: number; readonly Memory: number }
  readonly PullStartedAt?: string
  readonly PullStoppedAt?: string
  readonly ExecutionStoppedAt?: string
  readonly AvailabilityZone?: string
  readonly LaunchType: string
  readonly ServiceName?: string
  readonly FaultInjectionEnabled: boolean
}

/** Told with the task, as it is when the question comes. */
export interface ClockDriftBody {
  /** Milliseconds. */
  readonly ClockErrorBound: number
  readonly ReferenceTimestamp: string
  readonly ClockSynchronizationStatus: 'SYNCHRONIZED' | 'NOT_SYNCHRONIZED'
}

export interface ContainerBody {
  readonly DockerId: string
  readonly Name: string
  readonly DockerName: string
  readonly Image: string
  readonly ImageID?: string
  readonly Ports?: readonly PortBody[]
  readonly Labels: Readonly<Record<string, string>>
  readonly DesiredStatus: string
  readonly KnownStatus: string
  readonly ExitCode?: number
  readonly Limits: { readonly CPU: number; readonly Memory?: number }
  readonly CreatedAt?: string
  readonly StartedAt?: string
  readonly FinishedAt?: string
  readonly Type: 'NORMAL'
  readonly Health?: {
    readonly status: string
    readonly statusSince?: string
    readonly exitCode?: number
    readonly output?: string
  }
  readonly Volumes?: readonly { readonly Source: string; readonly Destination: string }[]
  readonly LogDriver?: string
  readonly LogOptions?: Readonly<Record<string, string>>
  readonly ContainerARN: string
  readonly Networks: readonly NetworkBody[]
  readonly Snapshotter: string
  readonly RestartCount?: number
}

export interface PortBody {
  readonly ContainerPort: number
  readonly Protocol: string
  readonly HostPort: number
}

export interface NetworkBody {
  readonly NetworkMode: 'awsvpc'
  readonly IPv4Addresses: readonly string[]
  readonly IPv6Addresses?: readonly string[]
  readonly AttachmentIndex: number
  readonly MACAddress: string
  readonly IPv4SubnetCIDRBlock: string
  readonly IPv6SubnetCIDRBlock?: string
  readonly DomainNameServers: readonly string[]
  readonly DomainNameSearchList: readonly string[]
  readonly PrivateDNSName: string
  readonly SubnetGatewayIpv4Address: string
}
