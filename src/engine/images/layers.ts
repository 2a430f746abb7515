// The layers that are here: made once however many ask, shared by all images, removed when the store says so.

import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFileSystem } from '#linux/files.ts'
import { directorySink } from './directory-sink.ts'
import { erofsSink } from './erofs-layer.ts'
import { Flights, Slots } from './flights.ts'
import { syncFolder, type ImagesFolder } from './images-folder.ts'
import { diskFault } from './layer-fault.ts'
import type { LayerKind, OpenLayer } from './layer-source.ts'
import { ALL_LAYERS_AT_ONCE, LAYERS_AT_ONCE, type LayerLimits } from './limits.ts'
import { isObject } from './manifest.ts'
import { unpackLayer, type LayerInput, type LayerSink } from './unpack-layer.ts'

interface Layer {
  readonly kind: LayerKind
  readonly sizeBytes: number
}

const hex = (digest: string): string => digest.slice('sha256:'.length)

export class Layers {
  readonly #folder: ImagesFolder
  readonly #kind: LayerKind
  readonly #limits: LayerLimits
  readonly #layers = new Map<string, Layer>()
  readonly #flights = new Flights<void>()
  readonly #slots = new Slots(ALL_LAYERS_AT_ONCE)

  constructor(folder: ImagesFolder, kind: LayerKind, limits: LayerLimits) {
    this.#folder = folder
    this.#kind = kind
    this.#limits = limits
    for (const name of readdirSync(folder.layers)) {
      const layer = readLayer(join(folder.layers, name, 'layer.json'))
      if (layer === undefined) folder.withdraw(join(folder.layers, name))
      else this.#layers.set(`sha256:${name}`, layer)
    }
  }

  has(diffId: string): boolean {
    return this.#layers.has(diffId)
  }

  all(): readonly string[] {
    return [...this.#layers.keys()]
  }

  sizeBytes(diffId: string): number {
    return this.#layers.get(diffId)?.sizeBytes ?? 0
  }

  /** Undefined when it is not here. */
  open(diffId: string): OpenLayer | undefined {
    const layer = this.#layers.get(diffId)
    if (layer === undefined) return undefined
    return { diffId, kind: layer.kind, path: join(this.#folder.layers, hex(diffId), contentName(layer.kind)) }
  }

  /** Resolves when the layer is here; `input` is asked for only when it is not and nobody else is at it. */
  async need(diffId: string, input: (signal: AbortSignal) => LayerInput, signal?: AbortSignal): Promise<void> {
    for (let isOurs = false; !isOurs && !this.has(diffId);) {
      const work = (all: AbortSignal): Promise<void> => {
        isOurs = true
        return this.#slots.run(async () => {
          all.throwIfAborted()
          if (!this.has(diffId)) await this.#make(input(all), all)
        })
      }
      try {
        await this.#flights.join(diffId, work, signal)
      } catch (error) {
        // Somebody else's registry failed them. Ours may not.
        if (isOurs || signal?.aborted === true) throw error
      }
    }
  }

  /** Gone at once for everyone; resolves when the disk space is free too. */
  async remove(diffId: string): Promise<void> {
    if (!this.#layers.delete(diffId)) return
    await this.#folder.delete(this.#folder.withdraw(join(this.#folder.layers, hex(diffId))))
  }

  settled(): Promise<void> {
    return this.#flights.settled()
  }

  async #make(input: LayerInput, signal: AbortSignal): Promise<void> {
    const scratch = this.#folder.scratch()
    try {
      const made = join(scratch, 'layer')
      mkdirSync(made, { mode: 0o700 })
      const layer = {
        kind: this.#kind,
        sizeBytes: await unpackLayer(input, this.#sink(made, scratch), signal),
      }
      writeFileSync(join(made, 'layer.json'), JSON.stringify(layer), { mode: 0o600 })
      // Without this, a power cut after the rename could leave a layer of empty files that looks complete.
      await synced(made)
      // Work that was given up too late may have brought it while we were at it.
      if (this.has(input.diffId)) return
      renameSync(made, join(this.#folder.layers, hex(input.diffId)))
      syncFolder(this.#folder.layers)
      this.#layers.set(input.diffId, layer)
    } catch (error) {
      throw diskFault(error)
    } finally {
      await this.#folder.delete(scratch)
    }
  }

  #sink(made: string, scratch: string): LayerSink {
    const content = join(made, contentName(this.#kind))
    if (this.#kind === 'erofs') return erofsSink(content, this.#limits)
    const replaced = join(scratch, 'replaced')
    mkdirSync(content, { mode: 0o755 })
    mkdirSync(replaced, { mode: 0o700 })
    return directorySink(content, replaced, this.#limits)
  }
}

const contentName = (kind: LayerKind): string => (kind === 'erofs' ? 'layer.erofs' : 'fs')

const readLayer = (path: string): Layer | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!isObject(value)) return undefined
    const { kind, sizeBytes } = value
    return (kind === 'directory' || kind === 'erofs') && typeof sizeBytes === 'number' ? { kind, sizeBytes } : undefined
  } catch (error) {
    // Never written by us like that: as good as not here, and fetched again.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const synced = async (path: string): Promise<void> => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await syncFileSystem(fd)
  } finally {
    closeSync(fd)
  }
}

/** All of it, a few at a time; or the first failure, once the rest has been given up. */
export const together = async (
  work: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> => {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const slots = new Slots(LAYERS_AT_ONCE)
  const running = work.map(async (one) => {
    try {
      await slots.run(async () => {
        either.throwIfAborted()
        await one(either)
      })
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  await Promise.allSettled(running)
  signal.throwIfAborted()
  failed.signal.throwIfAborted()
}
