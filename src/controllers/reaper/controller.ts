// Forgets what nobody asks for any more: a round when something is due, and sleep until the next thing is.

import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import { clusters, taskDefinitions, tasks } from '#apis/ecs/tables.ts'
import type { Settings } from '#aws/operation.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Change, Store, Table } from '#store/store.ts'
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
    const unwatch = store.watch([tasks, taskDefinitions, clusters], (changes) => {
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
        if (nextAt === undefined) await aborted(AbortSignal.any([signal, woken.signal]))
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
      return {
        stoppedTasks,
        definitions: (await reader.list(taskDefinitions)).filter(({ status }) => status === 'DELETE_IN_PROGRESS'),
        inactiveClusters,
        definitionsInUse: new Set(all.map(({ spec }) => spec.taskDefinitionArn)),
        clustersInUse: new Set(all.map(({ clusterArn }) => clusterArn)),
        inactiveSince: this.#inactiveSince,
      }
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

const mayLeaveRemains = ({ table, after }: Change): boolean =>
  table === tasks.name ? after !== undefined && isStopped(after as TaskRecord) : true

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
