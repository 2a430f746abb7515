// Tells soon after a container has exited: one file watch for all, and a slow look for what it may have missed.

import { existsSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { SAFETY_POLL_SECONDS } from './limits.ts'
import { isContainerId } from './records.ts'

const TASK_ID_DIGITS = 32

export interface ExitsOptions {
  readonly folder: string
  readonly clock: Clock
  /** Ids of tasks of which a container ended without having been told of. */
  readonly missed: () => Iterable<string>
}

export class Exits {
  readonly #options: ExitsOptions
  readonly #listeners = new Set<(taskId: string) => void>()
  #watcher: FSWatcher | undefined
  #polling: AbortController | undefined

  constructor(options: ExitsOptions) {
    this.#options = options
  }

  listen(listener: (taskId: string) => void): () => void {
    // Wrapped, so that the same function may listen twice.
    const own = (taskId: string): void => listener(taskId)
    this.#listeners.add(own)
    this.#begin()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.close()
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.#polling?.abort()
    this.#polling = undefined
  }

  #begin(): void {
    if (this.#watcher !== undefined) return
    this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, name) => {
      // Its removal is told of in the same way.
      if (name !== null && isContainerId(name) && existsSync(join(this.#options.folder, name))) {
        this.#tell(name.slice(0, TASK_ID_DIGITS))
      }
    })
    this.#polling = new AbortController()
    void this.#poll(this.#polling.signal)
  }

  async #poll(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#options.clock.sleep(SAFETY_POLL_SECONDS, signal)
      if (signal.aborted) return
      for (const taskId of this.#options.missed()) this.#tell(taskId)
    }
  }

  #tell(taskId: string): void {
    for (const listener of this.#listeners) listener(taskId)
  }
}
