// Keeps every service's promise: a lane of turns for each, woken by records, by health, by alarms and by time.

import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import { serviceDeployments, services, taskSets, tasks, unfinishedServices } from '#apis/ecs/tables.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import { targets } from '#apis/elbv2/tables.ts'
import type { ServiceArn } from '#aws/arn.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Change, Store } from '#store/store.ts'
import { ServiceLane } from './lane.ts'
import { RESYNC_SECONDS } from './limits.ts'
import { type Alarms, type AskHook, NO_ALARMS, NO_HOOKS } from './seams.ts'

export interface ServiceControllerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** There are no alarms when absent. */
  readonly alarms?: Alarms
  /** Lifecycle hooks cannot be asked when absent. */
  readonly askHook?: AskHook
}

export class ServiceController {
  readonly #options: ServiceControllerOptions
  readonly #alarms: Alarms
  readonly #lanes = new Map<string, ServiceLane>()

  constructor(options: ServiceControllerOptions) {
    this.#options = options
    this.#alarms = options.alarms ?? NO_ALARMS
  }

  /** Works until `signal` aborts, and returns when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options
    const unwatch = [
      store.watch([services, serviceDeployments, taskSets, tasks, targets], (changes) => {
        for (const arn of new Set(changes.flatMap(concerned))) this.#lane(arn).wake()
      }),
      // Alarms seldom change, and a turn that finds nothing to do is cheap.
      this.#alarms.watch(() => {
        for (const lane of this.#lanes.values()) lane.wake()
      }),
    ]
    try {
      while (!signal.aborted) {
        await this.#resync()
        await clock.sleep(RESYNC_SECONDS, signal)
      }
    } finally {
      for (const stop of unwatch) stop()
      const lanes = [...this.#lanes.values()]
      for (const lane of lanes) lane.end()
      await Promise.all(lanes.map((lane) => lane.drained()))
    }
  }

  #lane(arn: ServiceArn): ServiceLane {
    const known = this.#lanes.get(arn)
    if (known !== undefined) return known
    const lane = new ServiceLane({
      ...this.#options,
      arn,
      alarms: this.#alarms,
      askHook: this.#options.askHook ?? NO_HOOKS,
      ended: () => this.#lanes.delete(arn),
    })
    this.#lanes.set(arn, lane)
    return lane
  }

  async #resync(): Promise<void> {
    const { store, log } = this.#options
    try {
      for (const { arn } of await store.read(unfinishedServices)) this.#lane(arn).wake()
    } catch (error) {
      if (!isFault(error)) throw error
      log.warn('service-resync-fault', { kind: error.kind, reason: error.message })
    }
  }
}

/** The service that a change may give work to. Called inside of the store's notification. */
const concerned = ({ table, before, after }: Change): ServiceArn[] => {
  switch (table) {
    case services.name: {
      const service = after as ServiceRecord | undefined
      // Its status is written by its own lane, which knows; what a deployment starts with is written by operations.
      const was = before as ServiceRecord | undefined
      const isNews =
        was?.spec !== service?.spec || was?.status.primaryRevisionArn !== service?.status.primaryRevisionArn
      return service !== undefined && service.status.state !== 'INACTIVE' && isNews ? [service.arn] : []
    }
    case serviceDeployments.name: {
      const deployment = after as ServiceDeploymentRecord | undefined
      const was = before as ServiceDeploymentRecord | undefined
      return deployment !== undefined && was?.spec !== deployment.spec ? [deployment.serviceArn] : []
    }
    case taskSets.name: {
      const set = (after ?? before) as TaskSetRecord
      return (before as TaskSetRecord | undefined)?.spec === (after as TaskSetRecord | undefined)?.spec
        ? []
        : [set.serviceArn]
    }
    case targets.name:
      return concernedByTarget(before as TargetRecord | undefined, after as TargetRecord | undefined)
    default:
      return concernedByTask(before as TaskRecord | undefined, after as TaskRecord | undefined)
  }
}

const concernedByTarget = (was: TargetRecord | undefined, target: TargetRecord | undefined): ServiceArn[] => {
  // Its birth comes with news of its task.
  const owner = was?.spec.task
  const isNews =
    was?.status.state !== target?.status.state ||
    was?.spec.deregisteredAt !== target?.spec.deregisteredAt ||
    owner?.arn !== target?.spec.task?.arn
  return owner !== undefined && isNews ? [owner.serviceArn] : []
}

const healthOf = (task: TaskRecord): string =>
  task.status.containers.map(({ health }) => health?.status ?? '').join(' ')

const concernedByTask = (was: TaskRecord | undefined, task: TaskRecord | undefined): ServiceArn[] => {
  if (task?.owner === undefined) return []
  // Its birth is the lane's doing.
  if (was === undefined) return []
  const isNews =
    was.status.lastStatus !== task.status.lastStatus ||
    desiredStatus(was) !== desiredStatus(task) ||
    was.spec.protectedUntil !== task.spec.protectedUntil ||
    healthOf(was) !== healthOf(task)
  return isNews ? [task.owner.serviceArn] : []
}
