// The far side of a store's thread: opens the store and answers for it.

import { parentPort, workerData } from 'node:worker_threads'
import { Fault } from '#base/fault.ts'
import { type Log, silentLog } from '#base/log.ts'
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

/** `open` gets the folder that the near side named, and a log whose warnings the near side writes. */
export const serveStore = async <Store extends object>(
  open: (options: { readonly folder: string; readonly log: Log }) => Promise<Store>,
): Promise<void> => {
  const answer = async (store: Store, { id, method, args }: Request): Promise<void> => {
    try {
      // The near side is typed by the same contract, so the method is there and the arguments fit it.
      const call = (store as Record<string, (...args: readonly unknown[]) => Promise<unknown>>)[method]!
      say({ is: 'done', id, value: await call.apply(store, [...args]) })
    } catch (error) {
      say({ is: 'failed', id, failure: failureOf(error) })
    }
  }
  try {
    const store = await open({
      folder: (workerData as { folder: string }).folder,
      log: { ...silentLog, warn: (event, fields = {}) => say({ is: 'warning', event, fields }) },
    })
    parentPort!.on('message', (request: Request) => void answer(store, request))
    say({ is: 'open' })
  } catch (error) {
    say({ is: 'not-open', failure: failureOf(error) })
  }
}
