// The image store of one host: pulls, imports, opens, and forgets images; layers are shared and kept while needed.

import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type { PulledImage, RegistryCredentials, StoredImage } from '#engine/engine.ts'
import { whyNoErofs } from './erofs-layer.ts'
import { ImagesFolder } from './images-folder.ts'
import { importedImages } from './import-archive.ts'
import type { Collected, ImageStore, LayerKind, OpenImage } from './layer-source.ts'
import { Layers, together } from './layers.ts'
import { COLLECT_GRACE_SECONDS, LAYER_LIMITS, type LayerLimits } from './limits.ts'
import { imageConfigOf } from './manifest.ts'
import { Puller, type PullOptions } from './pull-image.ts'
import { Records, type KnownImage, type NameRecord } from './records.ts'
import { isDigest, parsedReference } from './reference.ts'

export interface ImageStoreOptions extends PullOptions {
  /** The control plane's data directory; the store makes its folder "images" in it. */
  readonly data: string
  /** Where it notes who retains what; default: in that folder too. A run-time folder, where owners do not outlive a boot. */
  readonly holds?: string
  /** "auto" (the default) finds out whether this host can use EROFS. */
  readonly layers?: 'auto' | LayerKind
  readonly layerLimits?: LayerLimits
  /** As OCI names it; default: this host's. */
  readonly architecture?: string
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Opens the store, sweeping what a killed process left. */
export const openImageStore = async (options: ImageStoreOptions): Promise<LocalImageStore> => {
  const folder = new ImagesFolder(join(options.data, 'images'), options.random, options.holds)
  const kind = await chosenKind(folder, options)
  const store = new LocalImageStore(folder, kind, options)
  const swept = await folder.sweep()
  if (swept > 0) options.log.info('images.swept', { unfinished: swept })
  return store
}

const chosenKind = async (folder: ImagesFolder, options: ImageStoreOptions): Promise<LayerKind> => {
  if (options.layers === 'directory') return 'directory'
  const scratch = folder.scratch()
  const missing = await whyNoErofs(scratch)
  await folder.delete(scratch)
  if (missing === undefined) return 'erofs'
  if (options.layers === 'erofs') throw new Fault('unsupported', `EROFS layers cannot be used here: ${missing}`)
  options.log.info('images.layers-are-directories', { because: missing })
  return 'directory'
}

export class LocalImageStore implements ImageStore {
  readonly layerKind: LayerKind
  readonly #folder: ImagesFolder
  readonly #clock: Clock
  readonly #layers: Layers
  readonly #records: Records
  readonly #puller: Puller
  readonly #architecture: string
  /** Layers that an image under way counts on, with how many do. */
  readonly #pins = new Map<string, number>()
  /** When images were last handed out, in milliseconds; those of before the start are old enough. */
  readonly #handedOut = new Map<string, number>()
  readonly #closing = new AbortController()

  constructor(folder: ImagesFolder, kind: LayerKind, options: ImageStoreOptions) {
    this.layerKind = kind
    this.#folder = folder
    this.#clock = options.clock
    this.#architecture = options.architecture ?? ARCHITECTURES[process.arch] ?? process.arch
    this.#layers = new Layers(folder, kind, options.layerLimits ?? LAYER_LIMITS)
    this.#records = new Records(folder, (image) => image.diffIds.every((id) => this.#layers.has(id)))
    this.#puller = new Puller(options, this.#architecture, {
      layers: this.#layers,
      records: this.#records,
      pinned: (diffIds, work) => this.#pinned(diffIds, work),
    })
  }

  async pull(reference: string, credentials?: RegistryCredentials, signal?: AbortSignal): Promise<PulledImage> {
    const digest = isDigest(reference)
      ? this.#local(reference)
      : await this.#puller.pull(parsedReference(reference), credentials, this.#until(signal))
    this.#handedOut.set(digest, this.#clock.now().getTime())
    return { digest, config: imageConfigOf(this.#known(digest).rawConfig) }
  }

  async import(tar: AsyncIterable<Uint8Array>, given?: AbortSignal): Promise<StoredImage[]> {
    const signal = this.#until(given)
    const scratch = this.#folder.scratch()
    try {
      const found = await importedImages(tar, {
        scratch,
        architecture: this.#architecture,
        storedAt: this.#clock.now().toISOString(),
        signal,
      })
      for (const { image, layers, references } of found) {
        await this.#pinned(image.diffIds, async () => {
          const work = layers.map((layer) => (one: AbortSignal) => this.#layers.need(layer.diffId, () => layer, one))
          await together(work, signal)
          const names = references.length === 0 ? [image.digest] : references
          const name: NameRecord = { digest: image.digest, target: image.digest, from: 'import' }
          this.#records.add(image, new Map(names.map((reference) => [reference, name])))
        })
        this.#handedOut.set(image.digest, this.#clock.now().getTime())
      }
      const digests = new Set(found.map(({ image }) => image.digest))
      return [...digests].map((digest) => this.#described(this.#known(digest)))
    } finally {
      await this.#folder.delete(scratch)
    }
  }

  async list(): Promise<StoredImage[]> {
    return this.#records.images().map((image) => this.#described(image))
  }

  async remove(reference: string): Promise<void> {
    const name = this.#records.forgetName(isDigest(reference) ? reference : parsedReference(reference).text)
    if (name === undefined) throw new Fault('not-found', `image ${reference}: not found`)
    // Whoever removes an image by name wants the space now.
    this.#handedOut.delete(name.digest)
    await this.collect()
  }

  async open(digest: string): Promise<OpenImage | undefined> {
    const image = this.#records.image(digest)
    if (image === undefined) return undefined
    const layers = image.diffIds.map((diffId) => this.#layers.open(diffId))
    return {
      digest,
      config: imageConfigOf(image.rawConfig),
      rawConfig: image.rawConfig,
      layers: layers.filter((layer) => layer !== undefined),
    }
  }

  async retain(digest: string, owner: string): Promise<void> {
    this.#records.retain(digest, owner)
  }

  async release(owner: string): Promise<void> {
    this.#records.release(owner)
  }

  owners(): readonly string[] {
    return this.#records.owners()
  }

  async collect(): Promise<Collected> {
    const removed = this.#unheld()
    for (const image of removed) this.#records.forgetImage(image.digest)
    const used = new Set([...this.#records.images().flatMap((image) => image.diffIds), ...this.#pins.keys()])
    const layers = this.#layers.all().filter((diffId) => !used.has(diffId))
    const freedBytes = layers.reduce((total, diffId) => total + this.#layers.sizeBytes(diffId), 0)
    await Promise.all(layers.map((diffId) => this.#layers.remove(diffId)))
    return { removedImages: removed.length, removedLayers: layers.length, freedBytes }
  }

  /** Gives up what is under way and waits until nothing touches the folder any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Fault('busy', 'the image store is closing'))
    await this.#puller.settled()
    await this.#layers.settled()
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  #unheld(): readonly KnownImage[] {
    const held = this.#records.held()
    const young = this.#clock.now().getTime() - COLLECT_GRACE_SECONDS * 1000
    for (const [digest, at] of this.#handedOut) if (at < young) this.#handedOut.delete(digest)
    return this.#records.images().filter(({ digest }) => !held.has(digest) && !this.#handedOut.has(digest))
  }

  async #pinned<T>(diffIds: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const id of diffIds) this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1)
    try {
      return await work()
    } finally {
      for (const id of diffIds) {
        const left = (this.#pins.get(id) ?? 1) - 1
        if (left === 0) this.#pins.delete(id)
        else this.#pins.set(id, left)
      }
    }
  }

  #known(digest: string): KnownImage {
    const image = this.#records.image(digest)
    if (image === undefined) throw new Error(`image ${digest} vanished while it was in use`)
    return image
  }

  #local(digest: string): string {
    if (this.#records.image(digest) === undefined) throw new Fault('not-found', `image ${digest}: not found`)
    return digest
  }

  #described(image: KnownImage): StoredImage {
    return {
      references: this.#records.namesOf(image.digest),
      digest: image.digest,
      sizeBytes: [...new Set(image.diffIds)].reduce((total, diffId) => total + this.#layers.sizeBytes(diffId), 0),
      createdAt: image.storedAt,
    }
  }
}
