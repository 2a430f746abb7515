// Brings every task towards its desired status: a lane of turns for each, woken by records, by the engine and by time.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { networkInterfaces } from '#apis/ec2/tables.ts'
import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks, unfinishedTasks } from '#apis/ecs/tables.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import { targets } from '#apis/elbv2/tables.ts'
import { lastPart } from '#aws/arn.ts'
import { backoffSeconds } from '#base/backoff.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Engine } from '#engine/engine.ts'
import type { Change, Store } from '#store/store.ts'
import type { Room } from '../capacity/room.ts'
import type { LogShipper } from '../log-shipper/shipment.ts'
import { runsAsRecorded } from './agreement.ts'
import { BACKOFF, ENGINE_CALLS_AT_ONCE, HEALTH_CHECKS_AT_ONCE, RESYNC_SECONDS, TURNS_AT_ONCE } from './limits.ts'
import { Slots } from './slots.ts'
import { TaskLane } from './task-lane.ts'

export interface TaskControllerOptions {
  readonly store: Store
  readonly engine: Engine
  readonly shipper: LogShipper
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Where a task's SDKs find Neargate, e.g. "http://aws.neargate.internal:4566". */
  readonly taskEndpoint: string
  /** This instance's share of the public addresses; all of them when absent. */
  readonly publicAddressPool?: string
  /** Who may start now; everybody when absent. */
  readonly room?: Room
}

export class TaskController {
  readonly #options: TaskControllerOptions
  /** By task id. */
  readonly #lanes = new Map<string, TaskLane>()
  readonly #engineSlots = new Slots(ENGINE_CALLS_AT_ONCE)
  readonly #healthSlots = new Slots(HEALTH_CHECKS_AT_ONCE)
  readonly #turnSlots = new Slots(TURNS_AT_ONCE)

  constructor(options: TaskControllerOptions) {
    this.#options = options
  }

  /** Works until `signal` aborts, and returns when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, engine, clock, random, room } = this.#options
    const unwatchStore = store.watch([tasks, networkInterfaces, targets], (changes) => {
      for (const change of changes) this.#noticed(change)
    })
    const unwatchEngine = engine.watch((taskId) => this.#lanes.get(taskId)?.wake())
    const unwatchRoom = room?.watch((arn) => this.#lanes.get(lastPart(arn))?.wake())
    try {
      for (let failures = 0; !signal.aborted;) {
        const isDone = await this.#resync(signal)
        failures = isDone ? 0 : failures + 1
        await clock.sleep(isDone ? RESYNC_SECONDS : backoffSeconds(failures, random, BACKOFF), signal)
      }
    } finally {
      unwatchStore()
      unwatchEngine()
      unwatchRoom?.()
      const lanes = [...this.#lanes.values()]
      for (const lane of lanes) lane.end()
      await Promise.all(lanes.map((lane) => lane.drained()))
    }
  }

  /** Called inside of the store's notification: only wakes. */
  #noticed(change: Change): void {
    if (change.table === tasks.name) {
      const before = change.before as TaskRecord | undefined
      const task = change.after as TaskRecord | undefined
      if (task === undefined || isStopped(task)) this.#lanes.get(lastPart(change.key))?.wake()
      // Where only the status has changed, the task's own lane has written it, and knows.
      else if (before?.spec !== task.spec) this.#lane(task).wake()
      return
    }
    if (change.table === targets.name) {
      const before = change.before as TargetRecord | undefined
      const after = change.after as TargetRecord | undefined
      const owner = before?.spec.task?.arn
      // A target group has let go of the task.
      if (owner !== undefined && after?.spec.task?.arn !== owner) this.#lanes.get(lastPart(owner))?.wake()
      return
    }
    const before = change.before as NetworkInterfaceRecord | undefined
    const after = change.after as NetworkInterfaceRecord | undefined
    // The wish that it be deleted is ours.
    if (after !== undefined && before?.status === after.status) return
    const owner = (after ?? before)?.spec.ownerArn
    if (owner !== undefined) this.#lanes.get(lastPart(owner))?.wake()
  }

  #lane(task: TaskRecord): TaskLane {
    const known = this.#lanes.get(task.id)
    if (known !== undefined) return known
    const lane = new TaskLane({
      ...this.#options,
      settings: { endpointUrl: this.#options.taskEndpoint },
      arn: task.arn,
      taskId: task.id,
      engineSlots: this.#engineSlots,
      healthSlots: this.#healthSlots,
      turnSlots: this.#turnSlots,
      ended: () => this.#ended(task),
    })
    this.#lanes.set(task.id, lane)
    return lane
  }

  #ended(task: TaskRecord): void {
    this.#lanes.delete(task.id)
    for (const { runtimeId } of task.status.containers) this.#options.shipper.forget(runtimeId)
  }

  /** Compares records and engine: what differs is looked at, what no task owns is removed. False: to be repeated. */
  async #resync(signal: AbortSignal): Promise<boolean> {
    const { engine, store, log } = this.#options
    try {
      // Looked at before the records are read: a task is recorded before the engine hears of it.
      const seen = await engine.observe()
      const owners = await store.read(unfinishedTasks)
      if (signal.aborted) return true
      const seenById = new Map(seen.map((one) => [one.id, one]))
      for (const task of owners) {
        const isKnown = this.#lanes.has(task.id)
        if (!isKnown || !runsAsRecorded(task, seenById.get(task.id))) this.#lane(task).wake()
      }
      const owned = new Set(owners.map(({ id }) => id))
      const orphans = seen.filter(({ id }) => !owned.has(id))
      for (const { id } of orphans) log.info('task-orphan', { task: id })
      const removed = await Promise.allSettled(orphans.map(({ id }) => this.#engineSlots.run(() => engine.remove(id))))
      for (const one of removed) if (one.status === 'rejected') this.#tell(one.reason)
      return removed.every(({ status }) => status === 'fulfilled')
    } catch (error) {
      this.#tell(error)
      return false
    }
  }

  #tell(error: unknown): void {
    const { log } = this.#options
    if (isFault(error)) log.warn('task-resync-fault', { kind: error.kind, reason: error.message })
    else log.bug('task-resync-bug', error)
  }
}
