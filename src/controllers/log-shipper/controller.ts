// Brings what containers write into their log streams, within a tenth of a second, across restarts of ours.

import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import { QUIET_SECONDS, RESYNC_SECONDS, SOON_SECONDS, TICK_SECONDS } from './limits.ts'
import type { LogShipper, Shipment } from './shipment.ts'
import { Tail } from './tail.ts'
import { folderWatcher, type Watcher } from './watcher.ts'

export interface LogShipperOptions {
  readonly logs: LogStore
  readonly clock: Clock
  readonly log: Log
}

export const createLogShipper = (options: LogShipperOptions): LogShipper => new Shipper(options)

interface Flush {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * A file is either looked at every tick (something was written lately), or watched by the kernel. Both at once would
 * cost an event per line for what the next tick finds anyway.
 */
interface Entry {
  readonly tail: Tail
  active: boolean
  pumping: boolean
  /** Milliseconds; when something was found last. */
  movedAt: number
  /** Milliseconds; when a resting file is looked at although nobody told. */
  resyncAt: number
  flushes: Flush[]
}

class Shipper implements LogShipper {
  readonly #options: LogShipperOptions
  readonly #entries = new Map<string, Entry>()
  readonly #byFile = new Map<string, Entry>()
  readonly #watcher: Watcher
  #wake: () => void = () => {}
  #stopped = false

  constructor(options: LogShipperOptions) {
    this.#options = options
    this.#watcher = folderWatcher((file) => this.#activate(this.#byFile.get(file)), options.log)
  }

  ship(shipment: Shipment): void {
    const known = this.#entries.get(shipment.containerId)
    if (known !== undefined) {
      known.tail.shipment = shipment
      this.#activate(known)
      return
    }
    const entry: Entry = {
      tail: new Tail(shipment, this.#options),
      active: false,
      pumping: false,
      movedAt: 0,
      resyncAt: 0,
      flushes: [],
    }
    this.#entries.set(shipment.containerId, entry)
    this.#byFile.set(shipment.file, entry)
    this.#activate(entry)
  }

  flush(containerId: string): Promise<void> {
    const entry = this.#entries.get(containerId)
    if (entry === undefined) return Promise.reject(new Fault('not-found', `${containerId} is not shipped`))
    if (this.#stopped) return Promise.reject(stopped())
    const done = new Promise<void>((resolve, reject) => entry.flushes.push({ resolve, reject }))
    if (!entry.tail.shipment.finished) entry.tail.shipment = { ...entry.tail.shipment, finished: true }
    this.#activate(entry)
    return done
  }

  forget(containerId: string): void {
    const entry = this.#entries.get(containerId)
    if (entry === undefined) return
    this.#entries.delete(containerId)
    this.#byFile.delete(entry.tail.shipment.file)
    this.#watcher.unwant(entry.tail.shipment.file)
    for (const flush of entry.flushes) flush.reject(new Fault('not-found', `${containerId} was let go`))
    entry.flushes = []
    if (!entry.pumping) this.#passOn(entry.tail.rest())
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      const now = clock.now().getTime()
      for (const entry of this.#entries.values()) {
        if (!entry.active && now >= entry.resyncAt) entry.active = true
        if (entry.active && !entry.pumping) this.#passOn(this.#look(entry, signal))
      }
      await this.#pause(signal)
    }
    this.#stopped = true
    this.#watcher.close()
    for (const entry of this.#entries.values()) {
      for (const flush of entry.flushes) flush.reject(stopped())
      entry.flushes = []
      await entry.tail.rest()
    }
  }

  /** A tick while anything is active; otherwise until somebody writes, or the next resync is due. */
  async #pause(signal: AbortSignal): Promise<void> {
    const entries = [...this.#entries.values()]
    if (entries.some((entry) => entry.active)) return this.#options.clock.sleep(TICK_SECONDS, signal)
    const now = this.#options.clock.now().getTime()
    const due = Math.min(...entries.map((entry) => entry.resyncAt), now + RESYNC_SECONDS * 1000)
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    const seconds = Math.max(0, due - now) / 1000
    await this.#options.clock.sleep(seconds, AbortSignal.any([signal, woken.signal]))
  }

  async #look(entry: Entry, signal: AbortSignal): Promise<void> {
    const { tail } = entry
    const isKnown = (): boolean => this.#entries.get(tail.shipment.containerId) === entry
    entry.pumping = true
    try {
      const moved = await tail.pump(signal)
      const now = this.#options.clock.now().getTime()
      if (moved) entry.movedAt = now
      if (tail.isComplete) {
        for (const flush of entry.flushes.splice(0)) flush.resolve()
      }
      const isQuiet = now - entry.movedAt >= QUIET_SECONDS * 1000 && entry.flushes.length === 0
      if (!isKnown() || signal.aborted) await tail.rest()
      else if (tail.isComplete || isQuiet) await this.#settle(entry, signal)
    } catch (error) {
      // A bug of ours in one container's output must not spin, nor stop the others.
      this.#options.log.bug('log-shipper.failed', error, { container: tail.shipment.containerId })
      entry.active = false
      entry.resyncAt = this.#options.clock.now().getTime() + RESYNC_SECONDS * 1000
    } finally {
      entry.pumping = false
    }
  }

  /** From looking to being told. One more look after the watch is in place, so that nothing falls between. */
  async #settle(entry: Entry, signal: AbortSignal): Promise<void> {
    const { tail } = entry
    const { file, finished } = tail.shipment
    const now = this.#options.clock.now().getTime()
    // A finished container writes no more: neither watch nor resync.
    const isTold = !tail.isComplete && this.#watcher.want(file)
    entry.active = false
    const seconds = isTold && !tail.isWaiting ? RESYNC_SECONDS : SOON_SECONDS
    entry.resyncAt = tail.isComplete ? Infinity : now + seconds * 1000
    if (!tail.isComplete && (await tail.pump(signal))) this.#activate(entry)
    if (tail.shipment.finished !== finished) this.#activate(entry)
    if (!entry.active) await tail.rest()
  }

  #activate(entry: Entry | undefined): void {
    if (entry === undefined || this.#stopped) return
    entry.active = true
    entry.movedAt = this.#options.clock.now().getTime()
    this.#watcher.unwant(entry.tail.shipment.file)
    this.#wake()
  }

  /** Work nobody waits for; what goes wrong in it is a bug, and is told as one. */
  #passOn(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#options.log.bug('log-shipper.failed', error))
  }
}

const stopped = (): Fault => new Fault('failed', 'the log shipper has stopped')
