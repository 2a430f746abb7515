// Gives the disk back what log groups no longer keep.

import { expiringLogGroups, logStreamsOf } from '#apis/logs/tables.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Store } from '#store/store.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import { ROUND_SECONDS } from './limits.ts'
import { plan } from './plan.ts'

export interface LogRetentionOptions {
  readonly store: Store
  readonly logs: LogStore
  readonly clock: Clock
  readonly log: Log
}

export interface LogRetention {
  run(signal: AbortSignal): Promise<void>
}

export const createLogRetention = ({ store, logs, clock, log }: LogRetentionOptions): LogRetention => {
  const round = async (signal: AbortSignal): Promise<void> => {
    for (const group of await store.read(expiringLogGroups)) {
      const streams = await store.read((reader) => logStreamsOf(reader, group.scope, group.name))
      for (const { stream, before } of plan(group, streams, clock.now().getTime())) {
        if (signal.aborted) return
        await logs.expire(stream, before)
      }
    }
  }
  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round(signal)
        } catch (error) {
          if (!isFault(error)) throw error
          log.warn('log-retention.failed', { kind: error.kind, reason: error.message })
        }
        await clock.sleep(ROUND_SECONDS, signal)
      }
    },
  }
}
