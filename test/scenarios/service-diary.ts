// What becomes of services, as a table: the events of an instant as they were told, then each deployment as it stood when
// the instant was over: its status, desired/running/pending, and the state of its rollout.

import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceEventRecord, ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { serviceEvents, serviceRevisions, services, tasks } from '#apis/ecs/tables.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import { targets } from '#apis/elbv2/tables.ts'
import { lastPart } from '#aws/arn.ts'
import type { Clock } from '#base/clock.ts'
import type { Change, Store } from '#store/store.ts'

const PENDING = ['PROVISIONING', 'PENDING', 'ACTIVATING']

const ENDING = ['DEACTIVATING', 'STOPPING', 'STOPPED']

const shownState = ({ status, spec }: TargetRecord): string =>
  spec.deregisteredAt === undefined ? status.state : 'draining'

/** "1:02:03", or "2:03" in the first hour. */
const clockText = (seconds: number): string => {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  if (parts[0] === 0) parts.shift()
  const fraction = seconds % 1 === 0 ? '' : `.${String(Math.round((seconds % 1) * 10))}`
  return `${parts.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')}${fraction}`
}

export class ServiceDiary {
  readonly #clock: Clock
  readonly #start: number
  readonly #lines: string[] = []
  readonly #services = new Map<string, ServiceRecord>()
  readonly #revisions = new Map<string, ServiceRevisionRecord>()
  readonly #tasks = new Map<string, TaskRecord>()
  /** Ids are noise: deployments and tasks are told by the order in which they came. */
  readonly #names = new Map<string, string>()
  #at: number
  #shown = ''
  #lastTime = ''

  constructor(clock: Clock, store: Store) {
    this.#clock = clock
    this.#start = clock.now().getTime()
    this.#at = this.#start
    store.watch([services, serviceRevisions, serviceEvents, tasks, targets], (changes) => this.#note(changes))
  }

  get lines(): readonly string[] {
    this.#showState()
    return this.#lines
  }

  name(kind: 'task' | 'deployment', id: string): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const number = [...this.#names.values()].filter((name) => name.startsWith(kind[0] ?? '')).length + 1
    const name = `${kind[0]}${number}`
    this.#names.set(id, name)
    return name
  }

  /** Something that the test does. */
  remark(text: string): void {
    this.#pass()
    this.#write(`— ${text}`)
  }

  #note(changes: readonly Change[]): void {
    this.#pass()
    for (const { table, key, after } of changes) {
      const rows = {
        [services.name]: this.#services,
        [serviceRevisions.name]: this.#revisions,
        [tasks.name]: this.#tasks,
      }
      const map = rows[table] as Map<string, unknown> | undefined
      if (after === undefined) map?.delete(key)
      else map?.set(key, after)
    }
    for (const { table, before, after } of changes) {
      if (table === serviceEvents.name && before === undefined) {
        this.#write(this.#named((after as ServiceEventRecord).message))
      } else if (table === targets.name) {
        this.#noteTarget(before as TargetRecord | undefined, after as TargetRecord | undefined)
      } else if (table === tasks.name) this.#noteEnd(before as TaskRecord | undefined, after as TaskRecord | undefined)
    }
  }

  #noteTarget(before: TargetRecord | undefined, after: TargetRecord | undefined): void {
    const target = after ?? before
    const task = target?.spec.task
    if (target === undefined || task === undefined) return
    const was = before === undefined ? '' : shownState(before)
    const is = after === undefined ? 'gone' : shownState(after)
    if (was === is) return
    this.#write(`· ${this.#named(target.targetGroupArn)}: ${this.name('task', lastPart(task.arn))} ${is}`)
  }

  /** Of tasks with load balancers: what happens between their service letting go of them and their end. */
  #noteEnd(before: TaskRecord | undefined, after: TaskRecord | undefined): void {
    if (before === undefined || after?.owner?.targets === undefined) return
    const signaled = (task: TaskRecord): number =>
      task.status.containers.filter(({ stopSignaledAt }) => stopSignaledAt !== undefined).length
    const news = [
      ...(ENDING.includes(after.status.lastStatus) && before.status.lastStatus !== after.status.lastStatus
        ? [after.status.lastStatus]
        : []),
      ...(signaled(after) > signaled(before) ? ['SIGTERM'] : []),
    ]
    if (news.length > 0) this.#write(`· ${this.name('task', after.id)} ${news.join(', ')}`)
  }

  #named(text: string): string {
    return text
      .replaceAll(/ecs-svc\/(\d{19})/g, (_, id: string) => this.name('deployment', id))
      .replaceAll(/arn:aws:elasticloadbalancing:[^ )]*:targetgroup\/([^/]*)\/[0-9a-f]{16}/g, '$1')
      .replaceAll(/task ([0-9a-f]{32})/g, (_, id: string) => `task ${this.name('task', id)}`)
  }

  #pass(): void {
    const now = this.#clock.now().getTime()
    if (now !== this.#at) this.#showState()
    this.#at = now
  }

  #write(text: string): void {
    const time = clockText((this.#at - this.#start) / 1000)
    this.#lines.push(`${(time === this.#lastTime ? '' : time).padStart(8)}  ${text}`)
    this.#lastTime = time
  }

  #showState(): void {
    const state = this.#state()
    if (state === this.#shown) return
    this.#shown = state
    this.#write(`= ${state}`)
  }

  #state(): string {
    return [...this.#services.values()]
      .map((service) => {
        const deployments = this.#deploymentsOf(service)
        const state = service.status.state === 'ACTIVE' ? [] : [service.status.state]
        const name = this.#services.size > 1 ? [`${service.name}:`] : []
        return [...name, ...state, deployments.join(' · ')].join(' ')
      })
      .join('; ')
  }

  #deploymentsOf(service: ServiceRecord): string[] {
    const own = [...this.#revisions.values()].filter(({ serviceArn }) => serviceArn === service.arn)
    const counts = own.map((revision) => {
      const of = [...this.#tasks.values()].filter(({ owner }) => owner?.revisionArn === revision.arn)
      const running = of.filter(({ status }) => status.lastStatus === 'RUNNING').length
      const pending = of.filter(({ status }) => PENDING.includes(status.lastStatus)).length
      return { revision, running, pending }
    })
    const isPrimary = (revision: ServiceRevisionRecord): boolean => revision.arn === service.status.primaryRevisionArn
    return counts
      .filter(
        ({ revision, running, pending }) =>
          isPrimary(revision) || revision.rollout.desiredCount > 0 || running + pending > 0,
      )
      .toSorted((a, b) => Number(isPrimary(b.revision)) - Number(isPrimary(a.revision)))
      .map(({ revision, running, pending }) => {
        const { desiredCount, state, failedTasks } = revision.rollout
        const status = isPrimary(revision) ? 'PRIMARY' : 'ACTIVE'
        const failed = failedTasks === 0 ? '' : ` (${failedTasks} failed)`
        return `${this.name('deployment', revision.id)} ${status} ${desiredCount}/${running}/${pending} ${state}${failed}`
      })
  }
}
