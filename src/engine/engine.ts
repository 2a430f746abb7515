// The contract of what runs containers. It speaks its own words, not ECS's: order, health and restarts are decided by
// the task controller's plan; the engine does one thing to one container at a time. Everything is idempotent.

/** The ids are the controller's, derived from the task's, so that a crash between intent and action is repaired by looking. */
export interface EngineTask {
  /** 32 hex digits. */
  readonly id: string
  /** The network namespace that all containers of the task join. */
  readonly networkNamespacePath: string
  readonly hostname: string
  /** Thousandths of a CPU, hard limit for all containers together. */
  readonly cpuMillis: number
  readonly memoryMiB: number
  /** Writable layers and volumes of all containers together. */
  readonly storageGiB: number
  /** "task": all containers see one another's processes. */
  readonly pidMode: 'container' | 'task'
  /** "gvisor": every container runs on a kernel of its own, in user space. */
  readonly isolation: 'default' | 'gvisor'
  /** Empty directories shared between containers, living as long as the task. */
  readonly volumes: readonly string[]
  /** Written to /etc/resolv.conf. */
  readonly dns: { readonly servers: readonly string[]; readonly search: readonly string[] }
  /** Extra /etc/hosts lines beside localhost and the task's own name. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[]
}

export interface EngineContainer {
  /** "<task id>-<10 digits>", unique on the host; also the runtime's id. */
  readonly id: string
  readonly taskId: string
  readonly name: string
  /** As resolved by images.pull(). */
  readonly imageDigest: string
  /** Absent: the image's own. An empty entryPoint clears the image's. */
  readonly entryPoint?: readonly string[]
  readonly command?: readonly string[]
  readonly workingDirectory?: string
  /** "user", "uid", "user:group", ... resolved inside the image. */
  readonly user?: string
  /** On top of the image's. */
  readonly environment: Readonly<Record<string, string>>
  readonly readonlyRootFilesystem: boolean
  /** Relative weight; 2 is the least. */
  readonly cpuShares: number
  /** Hard limit; absent: the task's. */
  readonly memoryMiB?: number
  /** Soft limit. */
  readonly memoryReservationMiB?: number
  readonly mounts: readonly EngineMount[]
  /** Whose image's volumes are mounted here too, where nothing else is: containers of the task that are made already. */
  readonly volumesFrom?: readonly { readonly containerId: string; readonly readOnly: boolean }[]
  readonly tmpfs: readonly { readonly path: string; readonly sizeMiB: number; readonly options: readonly string[] }[]
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  readonly sysctls: Readonly<Record<string, string>>
  /** Runs a small init as process 1 that reaps and forwards signals. */
  readonly init: boolean
  /** Names without CAP_, e.g. "SYS_PTRACE". */
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] }
  readonly tty: boolean
  /** Keeps standard input open. */
  readonly interactive: boolean
}

export interface EngineMount {
  /** One of the task's volumes, or the mount of another container of the task at the same path (volumesFrom). */
  readonly volume: string
  readonly path: string
  readonly readOnly: boolean
}

export type ContainerState = 'created' | 'running' | 'exited'

export interface ContainerObservation {
  readonly id: string
  readonly taskId: string
  readonly state: ContainerState
  /** Process id on the host, while running. */
  readonly pid?: number
  /** ISO 8601 times, as the engine saw them. */
  readonly startedAt?: string
  readonly finishedAt?: string
  /** 128 + n when ended by signal n. */
  readonly exitCode?: number
  readonly oomKilled?: boolean
  /** Where its output is, in the k8s-file format: "<time> <stdout|stderr> <F|P> <text>". */
  readonly outputFile: string
}

export interface TaskObservation {
  readonly id: string
  /** False: prepare() was interrupted. It can be repeated, or what there is removed. */
  readonly prepared: boolean
  readonly containers: readonly ContainerObservation[]
}

export interface ExecResult {
  readonly exitCode: number
  /** Standard output and error together, at most 4 KiB. */
  readonly output: string
}

/** What one container uses, from its cgroup. Bytes, nanoseconds of CPU, counts since start. */
export interface ContainerStats {
  readonly readAt: string
  readonly cpuNanos: number
  readonly cpuUserNanos: number
  readonly cpuSystemNanos: number
  readonly cpuPeriods: number
  readonly cpuThrottledPeriods: number
  readonly cpuThrottledNanos: number
  readonly onlineCpus: number
  readonly systemCpuNanos: number
  readonly memoryBytes: number
  readonly memoryMaxBytes: number
  readonly memoryLimitBytes: number
  readonly memoryDetail: Readonly<Record<string, number>>
  readonly processes: number
  readonly readBytes: number
  readonly writeBytes: number
}

export interface StorageUse {
  readonly usedMiB: number
  readonly reservedMiB: number
}

/**
 * Faults: "not-found" (image, task or container unknown), "invalid" (the container cannot start: no such program, no
 * such user, bad sysctl; the message is the runtime's own), "unsupported" (this host, or the isolation class, cannot do
 * it), "no-space", "failed".
 */
export interface Engine {
  readonly images: Images
  /** What this host can do, found out once at start. */
  readonly capabilities: EngineCapabilities
  /**
   * Makes the task's cgroup, storage and files. Resolves at once when it is there already. Fault "unsupported", with the
   * reason, when this host cannot give the task its isolation class.
   */
  prepare(task: EngineTask): Promise<void>
  /** Makes the container, ready to start. An existing one of the same id is left as it is. */
  create(container: EngineContainer): Promise<void>
  /** Starting a running or exited container does nothing. */
  start(containerId: string): Promise<void>
  /** Removes an exited container and makes it anew, keeping its output file (appended) and id; for restart policies. */
  recreate(container: EngineContainer): Promise<void>
  /** "STOP" is the image's own stop signal, else SIGTERM. An exited or unknown container is left alone. */
  signal(containerId: string, signal: 'STOP' | 'KILL'): Promise<void>
  /** Runs a command inside a running container. Fault "timeout" after that many seconds (the command is killed). */
  exec(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>
  stats(containerId: string): Promise<ContainerStats | undefined>
  storage(taskId: string): Promise<StorageUse | undefined>
  /** Kills what still runs and removes every trace of the task. Does nothing for an unknown one. */
  remove(taskId: string): Promise<void>
  /** Everything the engine holds for us, including tasks a crashed server forgot. */
  observe(): Promise<TaskObservation[]>
  /** Looks at one task; undefined when the engine knows nothing of it. */
  observeTask(taskId: string): Promise<TaskObservation | undefined>
  /** Calls back with a task's id soon after a container of it exits. Returns "stop watching". */
  watch(listener: (taskId: string) => void): () => void
  /** Removes everything that observe() sees. Images stay. */
  destroy(): Promise<void>
}

export interface EngineCapabilities {
  /** e.g. "crun 1.8.1" */
  readonly runtime: string
  readonly cgroup: 'v1' | 'v2'
  readonly layers: 'erofs' | 'directory'
  readonly storageLimit: 'project-quota' | 'btrfs' | 'loop' | 'none'
}

export interface PulledImage {
  /** The manifest's digest, "sha256:…". */
  readonly digest: string
  /** The image's own settings. */
  readonly config: ImageConfig
}

export interface ImageConfig {
  readonly entryPoint: readonly string[]
  readonly command: readonly string[]
  readonly environment: readonly string[]
  readonly workingDirectory: string
  readonly user: string
  readonly stopSignal?: string
  readonly volumes: readonly string[]
  readonly architecture: string
}

export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

export interface StoredImage {
  /** Every name it is known by, e.g. "docker.io/library/nginx:1". */
  readonly references: readonly string[]
  readonly digest: string
  /** Bytes of its layers as stored. */
  readonly sizeBytes: number
  readonly createdAt: string
}

export interface Images {
  /**
   * Makes the image ready to run. A reference that is here already and names a digest, or was imported, is not fetched
   * again. Faults: "not-found" (no such repository or tag), "denied", "unreachable", "invalid" (hostile or broken),
   * "no-space"; the message is what a registry client would say.
   */
  pull(reference: string, credentials?: RegistryCredentials, signal?: AbortSignal): Promise<PulledImage>
  /** Takes an OCI layout or a `docker save` tar. Returns what it held. */
  import(tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StoredImage[]>
  list(): Promise<StoredImage[]>
  /** Forgets a reference; its layers go with the last reference and the last container that use them. */
  remove(reference: string): Promise<void>
}
