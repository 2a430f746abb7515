// Forgets what nobody asks for any more: a round when something is due, and sleep until the next thing is.

import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import {
  clusters,
  forgetService,
  serviceRevisions,
  services,
  taskDefinitions,
  tasks,
  taskSets,
} from '#apis/ecs/tables.ts'
import type { Settings } from '#aws/operation.ts'
import { aborted } from '#base/aborted.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Change, Reader, Store, Table } from '#store/store.ts'
import { ROUND_SECONDS, ROWS_PER_TRANSACTION } from './limits.ts'
import { harvest, type Remains } from './plan.ts'

interface Options {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly settings: Pick<Settings, 'stoppedTaskRetentionSeconds'>
}

export class Reaper {
  readonly #options: Options
  readonly #inactiveSince = new Map<string, number>()
  #wake: () => void = () => {}

  constructor(options: Options) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#options
    const unwatch = store.watch([tasks, taskDefinitions, clusters, services], (changes) => {
      if (changes.some(mayLeaveRemains)) this.#wake()
    })
    try {
      while (!signal.aborted) {
        // Made before the round: what changes during it is not slept through.
        const woken = new AbortController()
        this.#wake = () => woken.abort()
        let nextAt: number | undefined = clock.now().getTime()
        try {
          nextAt = await this.#round()
        } catch (error) {
          if (!isFault(error)) throw error
          log.warn('reaper-fault', { kind: error.kind, reason: error.message })
        }
        // Together with whatever else becomes due in the same minute.
        await clock.sleep(ROUND_SECONDS, signal)
        if (nextAt === undefined) await aborted(signal, woken.signal)
        else {
          const seconds = Math.max(0, (nextAt - clock.now().getTime()) / 1000)
          await clock.sleep(seconds, AbortSignal.any([signal, woken.signal]))
        }
      }
    } finally {
      unwatch()
    }
  }

  /** Returns when the next row is due: milliseconds since 1970. */
  async #round(): Promise<number | undefined> {
    const { clock, settings } = this.#options
    const now = clock.now().getTime()
    const remains = await this.#remains(now)
    const found = harvest(remains, settings.stoppedTaskRetentionSeconds, now)
    await this.#forget(tasks, found.tasks, isStopped)
    await this.#forget(taskDefinitions, found.definitions, ({ status }) => status === 'DELETE_IN_PROGRESS')
    await this.#forget(clusters, found.clusters, ({ status }) => status === 'INACTIVE')
    for (const arn of found.services) await this.#forgetService(arn)
    return found.nextAt
  }

  async #remains(now: number): Promise<Remains> {
    return this.#options.store.read(async (reader) => {
      const stoppedTasks = await reader.list(tasks, { index: 'stopped', value: 'yes' })
      const unfinished = await reader.list(tasks, { index: 'unfinished', value: 'yes' })
      const all = [...stoppedTasks, ...unfinished]
      const inactiveClusters = (await reader.list(clusters)).filter(({ status }) => status === 'INACTIVE')
      const inactive = new Set<string>(inactiveClusters.map(({ arn }) => arn))
      for (const arn of this.#inactiveSince.keys()) if (!inactive.has(arn)) this.#inactiveSince.delete(arn)
      for (const arn of inactive) if (!this.#inactiveSince.has(arn)) this.#inactiveSince.set(arn, now)
      const definitions = (await reader.list(taskDefinitions)).filter(({ status }) => status === 'DELETE_IN_PROGRESS')
      const ofServices = definitions.length === 0 ? [] : await definitionsOfServices(reader)
      return {
        stoppedTasks,
        definitions,
        inactiveClusters,
        inactiveServices: await reader.list(services, { index: 'inactive', value: 'yes' }),
        definitionsInUse: new Set<string>([...all.map(({ spec }) => spec.taskDefinitionArn), ...ofServices]),
        clustersInUse: new Set(all.map(({ clusterArn }) => clusterArn)),
        inactiveSince: this.#inactiveSince,
      }
    })
  }

  /** A service may have been made anew under its old name. */
  async #forgetService(arn: string): Promise<void> {
    await this.#options.store.write(async (tx) => {
      const service = await tx.get(services, arn)
      if (service?.status.state === 'INACTIVE') await forgetService(tx, service)
    })
  }

  /** Looks once more in the transaction: a cluster may have been made anew under its old name. */
  async #forget<Row>(table: Table<Row>, keys: readonly string[], isStill: (row: Row) => boolean): Promise<void> {
    for (let at = 0; at < keys.length; at += ROWS_PER_TRANSACTION) {
      await this.#options.store.write(async (tx) => {
        for (const key of keys.slice(at, at + ROWS_PER_TRANSACTION)) {
          const row = await tx.get(table, key)
          if (row !== undefined && isStill(row)) await tx.delete(table, key)
        }
      })
    }
  }
}

const mayLeaveRemains = ({ table, after }: Change): boolean => {
  if (table === tasks.name) return after !== undefined && isStopped(after as TaskRecord)
  if (table === services.name) return (after as ServiceRecord | undefined)?.status.state === 'INACTIVE'
  return true
}

/** Of every revision that a service has or may go back to, and of every task set. */
const definitionsOfServices = async (reader: Reader): Promise<string[]> => [
  ...(await reader.list(serviceRevisions)).map(({ template }) => template.taskDefinitionArn),
  ...(await reader.list(taskSets)).map(({ spec }) => spec.template.taskDefinitionArn),
]
