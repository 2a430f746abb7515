// One container's output on its way: reads what was written since the last look and stores it, never twice.

import { open, type FileHandle } from 'node:fs/promises'
import type { Clock } from '#base/clock.ts'
import { Fault, isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import { Assembler, type Marks } from './assembler.ts'
import { CHUNK_BYTES, RAW_LINE_LIMIT_BYTES, RETRY_SECONDS } from './limits.ts'
import { eventBeginning, type Beginning } from './multiline.ts'
import { rawLines } from './raw-lines.ts'
import type { Shipment } from './shipment.ts'

export interface TailOptions {
  readonly logs: LogStore
  readonly clock: Clock
  readonly log: Log
}

export class Tail {
  shipment: Shipment
  readonly #options: TailOptions
  readonly #begins: Beginning | 'none'
  #assembler: Assembler | undefined
  #handle: FileHandle | undefined
  #isComplete = false

  constructor(shipment: Shipment, options: TailOptions) {
    this.shipment = shipment
    this.#options = options
    const begins = eventBeginning(shipment.options)
    if (begins === undefined) {
      // Registering the task definition should have refused it; losing lines over it would be worse.
      options.log.warn('log-shipper.bad-multiline-pattern', { container: shipment.containerId })
    }
    this.#begins = begins ?? 'none'
  }

  /** Everything of a finished container is stored. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Output waits for its rest, so the file must be looked at again even if nothing is written. */
  get isWaiting(): boolean {
    return this.#assembler?.isWaiting === true
  }

  /** Stores what is new. Returns whether there was anything. While the log store refuses, waits and tries again. */
  async pump(signal: AbortSignal): Promise<boolean> {
    // Whether the container has finished must be known before the last look at its file.
    const { finished } = this.shipment
    let found = false
    while (!signal.aborted) {
      try {
        const moved = await this.#step(finished)
        found ||= moved
        if (!moved) {
          this.#isComplete = finished
          return found
        }
      } catch (error) {
        if (!isFault(error)) throw error
        this.#options.log.warn('log-shipper.refused', { container: this.shipment.containerId, reason: error.message })
        // What was not stored is read again, from where the store says.
        this.#assembler = undefined
        await this.#options.clock.sleep(RETRY_SECONDS, signal)
      }
    }
    return found
  }

  async rest(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  /** One chunk: read, assembled, appended. Returns whether there may be more. */
  async #step(finished: boolean): Promise<boolean> {
    const { clock } = this.#options
    const assembler = (this.#assembler ??= await this.#resumed())
    const chunk = await this.#chunk(assembler.end)
    const now = clock.now().getTime()
    let lines = rawLines(chunk, assembler.end, now)
    const isStuck = lines.length === 0 && chunk.length > RAW_LINE_LIMIT_BYTES
    if (lines.length === 0 && chunk.length > 0 && (finished || isStuck)) {
      // Never ended: conmon was killed in the middle of it, or this is no output file. Taken as it stands.
      const tail = rawLines(Buffer.concat([chunk, Buffer.from('\n')]), assembler.end, now)
      lines = tail.map((line) => ({ ...line, end: assembler.end + chunk.length }))
    }
    assembler.take(lines, now)
    const isEnd = lines.length === 0
    assembler.release(now, finished && isEnd)
    await this.#store(assembler, now, finished && isEnd)
    return !isEnd
  }

  async #store(assembler: Assembler, now: number, isLast: boolean): Promise<void> {
    const events = assembler.taken()
    if (events.length === 0 && !isLast) return
    const { containerId, stream } = this.shipment
    const { stdout, stderr } = assembler.marks
    await this.#options.logs.append(stream, events, {
      ingestionTime: now,
      // Neither mark ever moves back and one of them moves with every event, so their sum tells batches apart.
      source: { name: containerId, position: stdout + stderr },
      // While the file is there, what a power loss takes is read again; at the end the caller may delete the file.
      beforeSync: !isLast,
      marks: { [`${containerId}/stdout`]: stdout, [`${containerId}/stderr`]: stderr },
    })
  }

  async #resumed(): Promise<Assembler> {
    const { containerId, stream } = this.shipment
    const mark = async (output: keyof Marks): Promise<number> =>
      (await this.#options.logs.position(stream, `${containerId}/${output}`)) ?? 0
    return new Assembler(this.#begins, { stdout: await mark('stdout'), stderr: await mark('stderr') })
  }

  async #chunk(offset: number): Promise<Buffer> {
    try {
      this.#handle ??= await open(this.shipment.file, 'r')
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await this.#handle.read(buffer, 0, CHUNK_BYTES, offset)
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      // Not made yet, or never: a container that could not be created has no output.
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return Buffer.alloc(0)
      throw new Fault('failed', `${this.shipment.file} cannot be read: ${message}`, { cause: error })
    }
  }
}
