// The near side of a store's thread: a slow disk or a large batch never holds up the control plane's event loop.

import { Worker } from 'node:worker_threads'
import { Fault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import { THREAD_FLAGS } from '#base/node-flags.ts'
import type { Failure, Reply } from './messages.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

export interface StoreThread {
  /** Calls a method of the store. Rejects with its Faults; with 'failed' should the thread ever end. */
  call(method: string, args: readonly unknown[]): Promise<never>
  /** Closes the store and ends the thread. Safe to repeat. */
  close(): Promise<void>
}

const errorOf = (failure: Failure): Error => {
  const error = failure.kind === undefined ? new Error(failure.message) : new Fault(failure.kind, failure.message)
  if (failure.stack !== undefined) error.stack = failure.stack
  return error
}

/** `program` calls serveStore; `what` names the store in messages, e.g. "log store". Rejects when it does not open. */
export const openStoreThread = async (
  program: URL,
  { folder, what, log }: { readonly folder: string; readonly what: string; readonly log: Log },
): Promise<StoreThread> => {
  const worker = new Worker(program, { workerData: { folder }, execArgv: [...THREAD_FLAGS] })
  const waiting = new Map<number, Waiting>()
  let ended: Fault | undefined
  let lastId = 0

  const call = (method: string, args: readonly unknown[]): Promise<never> =>
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
      log.bug('store-thread-failed', error, { store: what })
      end(new Fault('failed', `the ${what}’s thread has failed`, { cause: error }))
      reject(error)
    })
    worker.on('exit', () => end(new Fault('failed', `the ${what} is closed`)))
  })
  worker.unref()

  return {
    call,
    async close() {
      if (ended !== undefined) return
      await call('close', [])
      await worker.terminate()
    },
  }
}
