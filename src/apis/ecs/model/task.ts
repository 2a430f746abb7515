// An ECS task: the record, and the only moves its status can make. It goes forward; a stopped task is replaced, never
// revived.

import type { KeyValuePair, Tag, TaskOverride, TaskStopCode } from '@aws-sdk/client-ecs'
import type {
  ClusterArn,
  ContainerArn,
  ServiceArn,
  ServiceRevisionArn,
  TaskArn,
  TaskDefinitionArn,
  TaskSetArn,
} from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { RefusedTarget, TaskTarget } from './task-target.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html, in order. */
export const TASK_STATES = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const
export type TaskState = (typeof TASK_STATES)[number]

export type HealthStatus = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'

/** What was wished. Written by operations only. */
export interface TaskSpec {
  readonly taskDefinitionArn: TaskDefinitionArn
  readonly launchType: 'FARGATE'
  readonly capacityProviderName?: string
  readonly platformVersion: string
  /** "family:<name>" or "service:<name>". */
  readonly group: string
  readonly startedBy?: string
  readonly overrides: TaskOverride
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly assignPublicIp: boolean
  readonly enableExecuteCommand: boolean
  /** Thousandths of a vCPU × 1.024: CPU units, as AWS counts; 1024 is one vCPU. */
  readonly cpuUnits: number
  readonly memoryMiB: number
  readonly ephemeralStorageGiB: number
  readonly tags: readonly Tag[]
  readonly cpuArchitecture?: 'X86_64' | 'ARM64'
  readonly enableFaultInjection?: boolean
  /** By container: the digest that the service's first such task started with, in place of what the tag names now. */
  readonly imageDigests?: Readonly<Record<string, string>>
  /** ISO 8601: until then no scale-in and no deployment may end the task (UpdateTaskProtection). */
  readonly protectedUntil?: string
  /** StopTask was called, or a controller that owns the task has decided so. */
  readonly stop?: StopRequest
}

export interface StopRequest {
  readonly code: TaskStopCode
  readonly reason: string
  /** ISO 8601. */
  readonly at: string
  /** How long after SIGTERM a container is killed; its own stopTimeout when absent (Spot's two minutes replace it). */
  readonly graceSeconds?: number
}

/** The service that a task belongs to. Written at birth; `isCounted` and `told` by the service controller, and
 * `refusedBy` by the task controller where it begins, by the service controller where it ends. */
export interface TaskOwner {
  readonly serviceArn: ServiceArn
  /** One of the two is there. */
  readonly revisionArn?: ServiceRevisionArn
  readonly taskSetArn?: TaskSetArn
  /** Where the task is registered once it is ready; absent without a load balancer. */
  readonly targets?: readonly TaskTarget[]
  /** Those of them that have refused the task, and are asked again; absent when there are none. */
  readonly refusedBy?: readonly RefusedTarget[]
  /** The task has stopped, and what that means for its service is on record. */
  readonly isCounted?: true
  /** What the service's events have told last of its targets. */
  readonly told?: 'registered' | 'deregistered'
}

/** One container of a task, as last seen. */
export interface TaskContainer {
  readonly name: string
  readonly arn: ContainerArn
  /** "<task id>-<10 digits>": ECS's runtimeId and the engine's id. Chosen when the task is recorded. */
  readonly runtimeId: string
  readonly image: string
  readonly imageDigest?: string
  /** As the task definition says. */
  readonly essential?: boolean
  /** CPU units, MiB and MiB, as answers show them: definition and overrides together, when the task was recorded. */
  readonly cpu?: string
  readonly memory?: string
  readonly memoryReservation?: string
  readonly lastStatus: 'PENDING' | 'CREATED' | 'RUNNING' | 'STOPPED'
  readonly exitCode?: number
  /** At most 1024 characters. */
  readonly reason?: string
  readonly createdAt?: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly restartCount: number
  readonly health?: ContainerHealth
  /** When the stop signal was sent; the kill follows stopTimeout later. */
  readonly stopSignaledAt?: string
  readonly killedAt?: string
}

export interface ContainerHealth {
  readonly status: HealthStatus
  readonly statusSince: string
  /** Consecutive failures outside the start period. */
  readonly failures: number
  readonly lastCheckedAt?: string
  readonly exitCode?: number
  readonly output?: string
}

/** The task's elastic network interface as ECS shows it. */
export interface TaskAttachment {
  /** A UUID. */
  readonly id: string
  readonly status: 'PRECREATED' | 'CREATED' | 'ATTACHING' | 'ATTACHED' | 'DETACHING' | 'DETACHED' | 'DELETED' | 'FAILED'
  readonly details: readonly KeyValuePair[]
}

/** What is. Written by controllers only, except at birth. */
export interface TaskStatus {
  readonly lastStatus: TaskState
  /** Grows with every change that ECS would tell in an event; starts at 1. */
  readonly version: number
  readonly containers: readonly TaskContainer[]
  readonly attachment: TaskAttachment
  readonly availabilityZone?: string
  readonly networkInterfaceId?: string
  readonly connectivityAt?: string
  readonly pullStartedAt?: string
  readonly pullStoppedAt?: string
  readonly startedAt?: string
  readonly stoppingAt?: string
  readonly executionStoppedAt?: string
  readonly stoppedAt?: string
  /** The task was ready, and was registered in the same moment with those of its target groups that would have it. */
  readonly registeredAt?: string
  /** The first cause that ended the task; later ones do not replace it. */
  readonly stopCode?: TaskStopCode
  readonly stoppedReason?: string
}

export interface TaskRecord {
  readonly arn: TaskArn
  /** 32 lower-case hex digits. */
  readonly id: string
  readonly scope: Scope
  readonly clusterName: string
  readonly clusterArn: ClusterArn
  /** ISO 8601. */
  readonly createdAt: string
  readonly spec: TaskSpec
  readonly status: TaskStatus
  /** Absent for a task that nobody but its user owns. */
  readonly owner?: TaskOwner
}

/** Wished by the user, or decided by what happened to the task's containers. */
export const desiredStatus = (task: TaskRecord): 'RUNNING' | 'STOPPED' =>
  task.spec.stop !== undefined || task.status.stopCode !== undefined || task.status.lastStatus === 'STOPPED'
    ? 'STOPPED'
    : 'RUNNING'

/** Where the task's network interface belongs: chosen when the task was recorded. */
export const subnetOf = (task: TaskRecord): string | undefined =>
  task.status.attachment.details.find(({ name }) => name === 'subnetId')?.value

/** What a service counts its task as; neither while it is on its way to its end. */
export const countedAs = ({ status: { lastStatus } }: TaskRecord): 'running' | 'pending' | undefined => {
  if (lastStatus === 'RUNNING') return 'running'
  return lastStatus === 'PROVISIONING' || lastStatus === 'PENDING' || lastStatus === 'ACTIVATING'
    ? 'pending'
    : undefined
}

export const isStopped = (task: TaskRecord): boolean => task.status.lastStatus === 'STOPPED'

/** What ECS shows as the version: it grows with every change that is told in an event, and the wish to stop is one. */
export const taskVersion = ({ spec, status }: TaskRecord): number => status.version + (spec.stop === undefined ? 0 : 1)

/** The same task with the wish that it end. The first wish stays; a task that has ended has none. */
export const askedToStop = (task: TaskRecord, stop: StopRequest): TaskRecord =>
  task.spec.stop !== undefined || isStopped(task) ? task : { ...task, spec: { ...task.spec, stop } }

/** The same task with a newer status; the version grows. Throws (a bug) on a move backwards. */
export const advanced = (task: TaskRecord, change: Partial<TaskStatus>): TaskRecord => {
  const to = change.lastStatus ?? task.status.lastStatus
  if (TASK_STATES.indexOf(to) < TASK_STATES.indexOf(task.status.lastStatus)) {
    throw new Error(`${task.arn} cannot go back from ${task.status.lastStatus} to ${to}`)
  }
  return { ...task, status: { ...task.status, ...change, version: task.status.version + 1 } }
}
