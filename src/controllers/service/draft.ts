// What one turn decides, while it is being decided: the rows as they will be, tasks to start and to stop, and what is to
// be told. Lives for one turn; nothing of it is durable before the turn's transaction is.

import type { FargateProvider } from '#apis/ecs/model/capacity.ts'
import type { ServiceDeploymentProgress, ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { Rollout, ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord, ServiceStatus } from '#apis/ecs/model/service.ts'
import type { TaskSetRecord, TaskSetStatus } from '#apis/ecs/model/task-set.ts'
import type { StopRequest, TaskOwner, TaskRecord } from '#apis/ecs/model/task.ts'
import { milliseconds } from '#aws/time.ts'
import type { Facts } from './facts.ts'
import { EVENT_REPEAT_SECONDS } from './limits.ts'
import type { HookCall } from './seams.ts'
import { type Member, memberOf } from './standing.ts'

export interface Start {
  /** The revision or task set that the task will belong to. */
  readonly of: string
  readonly subnetId: string
  readonly provider?: FargateProvider
  /** The zone, where it is started for its sake. */
  readonly rebalances?: string
}

export interface Stop {
  readonly task: TaskRecord
  readonly request: StopRequest
  /** The zone, where it is stopped for its sake. */
  readonly rebalances?: string
}

/** Causes of events that are not repeated while they last. */
export type Cause = 'steady' | 'blocked' | 'impaired' | 'placement' | 'launch' | 'protected' | `registration:${string}`

/** Undefined takes a field away. */
type Change<T> = { readonly [Key in keyof T]?: T[Key] | undefined }

export class Draft {
  readonly facts: Facts
  /** ISO 8601. */
  readonly at: string
  readonly now: number
  /** Every task that has not ended, as it stands. */
  readonly members: readonly Member[]
  service: ServiceRecord
  readonly revisions: Map<string, ServiceRevisionRecord>
  readonly deployments: Map<string, ServiceDeploymentRecord>
  readonly taskSets: Map<string, TaskSetRecord>
  /** Tasks of which something is now noted, with what is noted, by their ARN. */
  readonly owners = new Map<string, { readonly task: TaskRecord; readonly owner: TaskOwner }>()
  readonly starts: Start[] = []
  readonly stops: Stop[] = []
  /** Tasks that are to be registered with the target groups that have refused them. */
  readonly registrations: TaskRecord[] = []
  /** Hooks to be asked once this turn is durable. */
  readonly calls: HookCall[] = []
  /** Told before and after the starts and stops of this turn. */
  readonly before: string[] = []
  readonly after: string[] = []
  /** When to decide again although nothing happened. Milliseconds since 1970. */
  wakeAt: number | undefined
  readonly #causes = new Set<Cause>()
  readonly #stopping = new Set<string>()

  constructor(facts: Facts) {
    this.facts = facts
    this.at = facts.now.toISOString()
    this.now = facts.now.getTime()
    this.service = facts.service
    this.revisions = new Map(facts.revisions.map((row) => [row.arn, row]))
    this.deployments = new Map(facts.deployments.map((row) => [row.arn, row]))
    this.taskSets = new Map(facts.taskSets.map((row) => [row.arn, row]))
    this.members = facts.tasks.map((task) => memberOf(task, facts)).filter(({ standing }) => standing !== 'stopped')
    for (const { changesAt } of this.members) for (const at of changesAt) this.wakeBy(at)
  }

  get primary(): ServiceRevisionRecord | undefined {
    return this.revisions.get(this.service.status.primaryRevisionArn ?? '')
  }

  /** The one under way, or the last one. */
  get deployment(): ServiceDeploymentRecord | undefined {
    return this.deployments.get(this.service.status.deploymentArn ?? '')
  }

  get subject(): string {
    return `service ${this.service.name}`
  }

  /** For what is told of one task: task sets speak for themselves. */
  subjectOf({ owner }: TaskRecord): string {
    const set = owner?.taskSetArn === undefined ? undefined : this.taskSets.get(owner.taskSetArn)
    return set === undefined ? this.subject : `${this.subject}, taskSet ${set.id}`
  }

  /** Notes something with a task of the service's. */
  own(task: TaskRecord, note: Pick<TaskOwner, 'isCounted' | 'told'>): void {
    const owner = this.owners.get(task.arn)?.owner ?? task.owner
    if (owner !== undefined) this.owners.set(task.arn, { task, owner: { ...owner, ...note } })
  }

  /** How many more tasks may be RUNNING or PENDING under that limit. */
  room(most: number): number {
    return most - this.members.filter(({ occupies }) => occupies).length - this.starts.length
  }

  stop({ task }: Member, reason: string, rebalances?: string): void {
    if (this.#stopping.has(task.arn)) return
    this.#stopping.add(task.arn)
    const request = { code: 'ServiceSchedulerInitiated', reason, at: this.at } as const
    this.stops.push({ task, request, ...(rebalances === undefined ? {} : { rebalances }) })
  }

  isStopping({ task }: Member): boolean {
    return this.#stopping.has(task.arn)
  }

  wakeBy(at: number): void {
    if (at > this.now) this.wakeAt = Math.min(at, this.wakeAt ?? at)
  }

  /** In front of what this turn starts and stops. */
  tellFirst(text: string): void {
    this.before.push(text)
  }

  tell(text: string): void {
    this.after.push(text)
  }

  /** Told when the cause is new, and again after six hours; a cause that a turn does not name is gone. */
  tellWhile(cause: Cause, text: string): void {
    const toldAt = this.service.status.toldAt[cause]
    this.#causes.add(cause)
    const repeatAt = toldAt === undefined ? this.now : milliseconds(toldAt) + EVENT_REPEAT_SECONDS * 1000
    if (repeatAt > this.now) return this.wakeBy(repeatAt)
    this.setStatus({ toldAt: { ...this.service.status.toldAt, [cause]: this.at } })
    this.wakeBy(this.now + EVENT_REPEAT_SECONDS * 1000)
    this.tell(text)
  }

  /** To be called once, when everything has been decided. */
  forgetCauses(): void {
    const lasting = Object.entries(this.service.status.toldAt).filter(([cause]) => this.#causes.has(cause as Cause))
    if (lasting.length < Object.keys(this.service.status.toldAt).length) {
      this.setStatus({ toldAt: Object.fromEntries(lasting) })
    }
  }

  setStatus(change: Change<ServiceStatus>): void {
    const status = changed(this.service.status, change)
    if (status !== this.service.status) this.service = { ...this.service, status }
  }

  setRollout(arn: string, change: Change<Rollout>): void {
    const revision = this.revisions.get(arn)
    if (revision === undefined) return
    const rollout = changed(revision.rollout, change)
    if (rollout === revision.rollout) return
    this.revisions.set(arn, { ...revision, rollout: { ...rollout, updatedAt: this.at } })
  }

  setProgress(arn: string, change: Change<ServiceDeploymentProgress>): void {
    const deployment = this.deployments.get(arn)
    if (deployment === undefined) return
    const progress = changed(deployment.progress, change)
    if (progress === deployment.progress) return
    this.deployments.set(arn, { ...deployment, progress: { ...progress, updatedAt: this.at } })
  }

  setTaskSet(arn: string, change: Change<TaskSetStatus>): void {
    const set = this.taskSets.get(arn)
    if (set === undefined) return
    const status = changed(set.status, change)
    if (status !== set.status) this.taskSets.set(arn, { ...set, status: { ...status, updatedAt: this.at } })
  }
}

/** The same object when nothing differs: what is not new is not written. */
const changed = <T extends object>(before: T, change: object): T => {
  const news = Object.entries(change).filter(([key, value]) => !isSame(before[key as keyof T], value))
  if (news.length === 0) return before
  const after = { ...before, ...Object.fromEntries(news) }
  for (const [key, value] of news) if (value === undefined) delete (after as Record<string, unknown>)[key]
  return after
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
