// The far side of the log store's thread: opens the SQLite log store and answers for it. Started by thread-log-store.ts.

import { parentPort, workerData } from 'node:worker_threads'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import type { LogStore } from '../log-store.ts'
import { openSqliteLogStore } from '../sqlite/sqlite-log-store.ts'
import type { Failure, Reply, Request } from './messages.ts'

const say = (reply: Reply): void => parentPort!.postMessage(reply)

const failureOf = (error: unknown): Failure =>
  error instanceof Error
    ? {
        message: error.message,
        ...(error instanceof Fault ? { kind: error.kind } : {}),
        ...(error.stack === undefined ? {} : { stack: error.stack }),
      }
    : { message: String(error) }

const answer = async (store: LogStore, { id, method, args }: Request): Promise<void> => {
  try {
    // The near side is typed by the same contract, so the arguments fit the method.
    const call = store[method].bind(store) as (...args: readonly unknown[]) => Promise<unknown>
    say({ is: 'done', id, value: await call(...args) })
  } catch (error) {
    say({ is: 'failed', id, failure: failureOf(error) })
  }
}

try {
  const store = await openSqliteLogStore({
    folder: (workerData as { folder: string }).folder,
    log: { ...silentLog, warn: (event, fields = {}) => say({ is: 'warning', event, fields }) },
  })
  parentPort!.on('message', (request: Request) => void answer(store, request))
  say({ is: 'open' })
} catch (error) {
  say({ is: 'not-open', failure: failureOf(error) })
}
