// The log store on a thread of its own: a slow disk or a large batch never holds up the control plane's event loop.

import { Worker } from 'node:worker_threads'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import type { LogStore } from '../log-store.ts'
import type { SqliteLogStoreOptions } from '../sqlite/sqlite-log-store.ts'
import type { Failure, Method, Reply } from './messages.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

const errorOf = (failure: Failure): Error => {
  const error = failure.kind === undefined ? new Error(failure.message) : new Fault(failure.kind, failure.message)
  if (failure.stack !== undefined) error.stack = failure.stack
  return error
}

/** As openSqliteLogStore, with the same Faults; should the thread ever end, all later calls reject with 'failed'. */
export const openThreadLogStore = async ({ folder, log = silentLog }: SqliteLogStoreOptions): Promise<LogStore> => {
  // The flags of this process are for its own program: some of them a thread refuses.
  const worker = new Worker(new URL('./log-thread.ts', import.meta.url), { workerData: { folder }, execArgv: [] })
  const waiting = new Map<number, Waiting>()
  let ended: Fault | undefined
  let lastId = 0

  const call = (method: Method, args: readonly unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended)
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      // Alive while somebody waits; otherwise no reason for the process to stay.
      worker.ref()
      worker.postMessage({ id, method, args })
    })

  const settle = (id: number, how: (one: Waiting) => void): void => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker.unref()
    if (one !== undefined) how(one)
  }

  const end = (fault: Fault): void => {
    ended ??= fault
    for (const one of waiting.values()) one.reject(ended)
    waiting.clear()
  }

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (reply: Reply) => {
      if (reply.is === 'open') resolve()
      else if (reply.is === 'not-open') reject(errorOf(reply.failure))
      else if (reply.is === 'warning') log.warn(reply.event, reply.fields)
      else if (reply.is === 'done') settle(reply.id, (one) => one.resolve(reply.value as never))
      else settle(reply.id, (one) => one.reject(errorOf(reply.failure)))
    })
    worker.on('error', (error) => {
      log.bug('log-store.thread-failed', error)
      end(new Fault('failed', 'the log store’s thread has failed', { cause: error }))
      reject(error)
    })
    worker.on('exit', () => end(new Fault('failed', 'the log store is closed')))
  })
  worker.unref()

  return {
    append: (...args) => call('append', args),
    position: (...args) => call('position', args),
    read: (...args) => call('read', args),
    facts: (...args) => call('facts', args),
    groupBytes: (...args) => call('groupBytes', args),
    deleteStream: (...args) => call('deleteStream', args),
    expire: (...args) => call('expire', args),
    async close() {
      if (ended !== undefined) return
      await call('close', [])
      await worker.terminate()
    },
  }
}
