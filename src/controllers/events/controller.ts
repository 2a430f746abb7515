// Tells what happens as EventBridge's events: noticed by the store's watch, written a moment later, caught up after a kill.

import type { DeploymentRecord } from '#apis/codedeploy/model/deployment.ts'
import { deployments } from '#apis/codedeploy/tables.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceEventRecord, ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { serviceEvents, serviceRevisions, services, tasks } from '#apis/ecs/tables.ts'
import { backoffSeconds } from '#base/backoff.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Change, Reader, Store } from '#store/store.ts'
import type { EventStore, NewEvent } from '#telemetry/events/event-store.ts'
import { codeDeployEvents } from './code-deploy-event.ts'
import { eventOf, type Told } from './envelope.ts'
import * as limits from './limits.ts'
import { deploymentEvent, isRolloutTold, messagesOf, serviceActionEvent } from './service-event.ts'
import { isTold, taskEvent } from './task-event.ts'

export interface EventControllerOptions {
  readonly store: Store
  readonly events: EventStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

interface Noticed {
  readonly change: Change
  readonly at: Date
}

type Versions = Map<string, number>

export class EventController {
  readonly #options: EventControllerOptions
  #noticed: Noticed[] = []
  /** Turned into events, and not written yet. */
  #unwritten: NewEvent[] = []
  /** The version told last of everything that lives: no state is told twice. Undefined until it has been read. */
  #told: Versions | undefined
  #forgotten: string[] = []
  /** Something may have happened that was not noticed. */
  #isBehind = true
  #expiredAt = 0
  #wake: () => void = () => {}

  constructor(options: EventControllerOptions) {
    this.#options = options
  }

  /** Works until `signal` aborts, and then writes what it knows. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, random } = this.#options
    const unwatch = store.watch([tasks, services, serviceEvents, serviceRevisions, deployments], (changes) =>
      this.#notice(changes),
    )
    try {
      for (let failures = 0; !signal.aborted;) {
        // What belongs together arrives together; and whoever launches has the processor first.
        await clock.sleep(limits.DELAY_SECONDS, signal)
        const isDone = await this.#tried()
        failures = isDone ? 0 : failures + 1
        if (!isDone) await clock.sleep(backoffSeconds(failures, random, limits.BACKOFF), signal)
        else if (this.#noticed.length === 0) await this.#wakened(signal)
      }
    } finally {
      unwatch()
      await this.#tried()
    }
  }

  /** Called inside of the store's notification: only remembers. */
  #notice(changes: readonly Change[]): void {
    const at = this.#options.clock.now()
    for (const change of changes) this.#noticed.push({ change, at })
    if (this.#noticed.length > limits.WAITING_MOST) {
      this.#noticed = []
      this.#isBehind = true
    }
    this.#wake()
  }

  async #tried(): Promise<boolean> {
    const { log } = this.#options
    try {
      const isBehind = this.#isBehind
      this.#isBehind = false
      const told = this.#told ?? (await this.#recalled())
      // What was noticed is told state by state; of what happened unnoticed, only the last state is known.
      await this.#digest(told)
      if (isBehind) await this.#catchUp(told)
      this.#told = told
      await this.#write()
      await this.#expire()
      return true
    } catch (error) {
      this.#isBehind = true
      if (isFault(error)) log.warn('events-fault', { kind: error.kind, reason: error.message })
      else log.bug('events-bug', error)
      return false
    }
  }

  async #recalled(): Promise<Map<string, number>> {
    const told = new Map(await this.#options.events.versions())
    for (const { state } of this.#unwritten) if (state !== undefined) told.set(state.of, state.version)
    return told
  }

  /** Of everything whose state is newer than what was told, that state is told. */
  async #catchUp(told: Versions): Promise<void> {
    const at = this.#options.clock.now()
    await this.#options.store.read(async (reader) => {
      const [allTasks, allServices, revisions, allDeployments] = await Promise.all([
        reader.list(tasks),
        reader.list(services),
        reader.list(serviceRevisions),
        reader.list(deployments),
      ])
      for (const task of allTasks) this.#tell(told, taskEvent(task, at), at)
      for (const revision of revisions) {
        if (!isRolloutTold(revision, told.get(revision.arn) ?? 0)) await this.#tellRollout(reader, told, revision, at)
      }
      for (const service of allServices) await this.#tellMessages(reader, told, service, at)
      for (const deployment of allDeployments) this.#tellDeployment(told, deployment, at)
      const living = new Set<string>([...allTasks, ...revisions].map(({ arn }) => arn))
      for (const service of allServices) living.add(messagesOf(service))
      for (const { id } of allDeployments) living.add(id)
      for (const thing of told.keys()) if (!living.has(thing)) this.#forget(told, thing)
    })
  }

  async #tellMessages(reader: Reader, told: Versions, service: ServiceRecord, at: Date): Promise<void> {
    const last = told.get(messagesOf(service)) ?? 0
    if (service.status.lastEvent <= last) return
    const after = serviceEvents.key({ serviceArn: service.arn, number: last } as ServiceEventRecord)
    for (const message of await reader.list(serviceEvents, { index: 'service', value: service.arn, after })) {
      await this.#tellMessage(reader, told, message, at)
    }
  }

  async #tellMessage(reader: Reader, told: Versions, message: ServiceEventRecord, at: Date): Promise<void> {
    const service = await reader.get(services, message.serviceArn)
    if (service === undefined) return
    const primary = service.status.primaryRevisionArn
    const revision = primary === undefined ? undefined : await reader.get(serviceRevisions, primary)
    const event = serviceActionEvent(message, service, revision)
    if (event !== undefined) this.#tell(told, event, at)
  }

  async #tellRollout(reader: Reader, told: Versions, revision: ServiceRevisionRecord, at: Date): Promise<void> {
    const service = await reader.get(services, revision.serviceArn)
    if (service !== undefined) this.#tell(told, deploymentEvent(revision, service), at)
  }

  /** A deployment of CodeDeploy's. */
  #tellDeployment(told: Versions, deployment: DeploymentRecord, at: Date): void {
    for (const event of codeDeployEvents(deployment)) this.#tell(told, event, at)
  }

  /** No state is told twice. */
  #tell(told: Versions, event: Told, at: Date): void {
    const { of, version } = event.state
    if (version <= (told.get(of) ?? 0)) return
    told.set(of, version)
    this.#unwritten.push(eventOf(event, at, this.#options.random.uuid()))
  }

  async #digest(told: Versions): Promise<void> {
    const noticed = this.#noticed
    this.#noticed = []
    if (noticed.length === 0) return
    await this.#options.store.read(async (reader) => {
      for (const one of noticed) await this.#digestOne(reader, told, one)
    })
  }

  async #digestOne(reader: Reader, told: Versions, { change, at }: Noticed): Promise<void> {
    const { table, key, before, after } = change
    if (after === undefined) {
      for (const thing of [key, messagesOf({ arn: key } as ServiceRecord)]) this.#forget(told, thing)
    } else if (table === tasks.name) {
      const task = after as TaskRecord
      if (isTold(before as TaskRecord | undefined, task)) this.#tell(told, taskEvent(task, at), at)
    } else if (table === serviceEvents.name) {
      await this.#tellMessage(reader, told, after as ServiceEventRecord, at)
    } else if (table === deployments.name) {
      this.#tellDeployment(told, after as DeploymentRecord, at)
    } else if (table === serviceRevisions.name) {
      const revision = after as ServiceRevisionRecord
      const was = (before as ServiceRevisionRecord | undefined)?.rollout.state
      if (was !== revision.rollout.state) await this.#tellRollout(reader, told, revision, at)
    }
  }

  #forget(told: Versions, thing: string): void {
    if (told.delete(thing)) this.#forgotten.push(thing)
  }

  async #write(): Promise<void> {
    const { events } = this.#options
    while (this.#unwritten.length > 0) {
      const batch = this.#unwritten.slice(0, limits.EVENTS_PER_WRITE)
      await events.append(batch)
      this.#unwritten = this.#unwritten.slice(batch.length)
    }
    if (this.#forgotten.length === 0) return
    const forgotten = this.#forgotten
    await events.forget(forgotten)
    this.#forgotten = this.#forgotten.slice(forgotten.length)
  }

  async #expire(): Promise<void> {
    const { events, clock } = this.#options
    const now = clock.now().getTime()
    if (now < this.#expiredAt + limits.EXPIRY_ROUND_SECONDS * 1000) return
    await events.expire(now - limits.EVENTS_KEPT_SECONDS * 1000, limits.EVENTS_KEPT_BYTES)
    this.#expiredAt = now
  }

  /** Resolves when something has been noticed, or it is time to forget old events. */
  async #wakened(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    this.#wake = () => stop.abort()
    await this.#options.clock.sleep(limits.EXPIRY_ROUND_SECONDS, AbortSignal.any([signal, stop.signal]))
    this.#wake = () => {}
  }
}
