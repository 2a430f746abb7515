// What the store knows: images by digest, references to them, and who retains them; in memory, and durably on disk.

import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, isFault } from '#base/fault.ts'
import { onDisk, type ImagesFolder } from './images-folder.ts'
import { diffIdsOf, isObject, manifestOf, parsedJson, type Json } from './manifest.ts'
import { isDigest } from './reference.ts'

export interface ImageRecord {
  readonly digest: string
  /** The manifest and the configuration, byte for byte as they came. */
  readonly manifest: string
  readonly config: string
  /** ISO 8601, when it came here. */
  readonly storedAt: string
}

/** An image with its configuration read. */
export interface KnownImage extends ImageRecord {
  readonly rawConfig: Json
  /** Bottom first. */
  readonly diffIds: readonly string[]
}

export interface NameRecord {
  /** The image it stands for. */
  readonly digest: string
  /** What the registry calls it: of an image for several platforms, the index's digest. */
  readonly target: string
  /** An imported name is ours; a pulled one is the registry's, and asked for again at each pull. */
  readonly from: 'import' | 'registry'
}

const OWNER = /^[A-Za-z0-9_.-]{1,128}$/
const FORMAT = 1

export const knownImage = (record: ImageRecord): KnownImage => {
  const manifest = manifestOf(parsedJson(Buffer.from(record.manifest), 'the manifest'))
  const rawConfig = parsedJson(Buffer.from(record.config), 'the configuration')
  return { ...record, rawConfig, diffIds: diffIdsOf(rawConfig, manifest.layers.length) }
}

export class Records {
  readonly #folder: ImagesFolder
  readonly #images = new Map<string, KnownImage>()
  #names: ReadonlyMap<string, NameRecord>
  /** By owner, the digests that it retains. */
  readonly #holds = new Map<string, Set<string>>()

  /** Drops images that `isWhole` denies, and names of images that are not here. */
  constructor(folder: ImagesFolder, isWhole: (image: KnownImage) => boolean) {
    this.#folder = folder
    for (const file of readdirSync(folder.images)) {
      const path = join(folder.images, file)
      const image = readImage(path)
      if (image !== undefined && isWhole(image)) this.#images.set(image.digest, image)
      else rmSync(path)
    }
    this.#names = new Map([...readNames(folder.names)].filter(([, name]) => this.#images.has(name.digest)))
    for (const file of readdirSync(folder.holds)) {
      const [owner = '', hex = ''] = file.split('@')
      this.#hold(owner, `sha256:${hex}`)
    }
  }

  image(digest: string): KnownImage | undefined {
    return this.#images.get(digest)
  }

  images(): readonly KnownImage[] {
    return [...this.#images.values()]
  }

  name(reference: string): NameRecord | undefined {
    return this.#names.get(reference)
  }

  namesOf(digest: string): readonly string[] {
    return [...this.#names].filter(([, name]) => name.digest === digest).map(([reference]) => reference)
  }

  owners(): readonly string[] {
    return [...this.#holds.keys()]
  }

  /** Held by a name or by an owner. */
  held(): ReadonlySet<string> {
    const held = new Set([...this.#names.values()].map((name) => name.digest))
    for (const digests of this.#holds.values()) for (const digest of digests) held.add(digest)
    return held
  }

  /** The layers are here already. An image and its names come in that order, so that no name ever points nowhere. */
  add(image: KnownImage, names: ReadonlyMap<string, NameRecord>): void {
    if (!this.#images.has(image.digest)) {
      const { digest, manifest, config, storedAt } = image
      const record = { format: FORMAT, digest, manifest, config, storedAt }
      this.#folder.writeDurably(this.#imagePath(digest), JSON.stringify(record))
      this.#images.set(digest, image)
    }
    if (names.size > 0) this.#writeNames(new Map([...this.#names, ...names]))
  }

  forgetName(reference: string): NameRecord | undefined {
    const name = this.#names.get(reference)
    if (name !== undefined) this.#writeNames(new Map([...this.#names].filter(([other]) => other !== reference)))
    return name
  }

  forgetImage(digest: string): void {
    rmSync(this.#imagePath(digest), { force: true })
    this.#images.delete(digest)
  }

  retain(digest: string, owner: string): void {
    if (!OWNER.test(owner)) throw new Error(`"${owner}" cannot own an image`)
    if (!this.#images.has(digest)) throw new Fault('not-found', `image ${digest}: not found`)
    // The name is the record: one call, whole or not there at all.
    onDisk(() => closeSync(openSync(this.#holdPath(digest, owner), 'a', 0o600)))
    this.#hold(owner, digest)
  }

  release(owner: string): void {
    for (const digest of this.#holds.get(owner) ?? []) rmSync(this.#holdPath(digest, owner), { force: true })
    this.#holds.delete(owner)
  }

  #hold(owner: string, digest: string): void {
    const digests = this.#holds.get(owner) ?? new Set()
    this.#holds.set(owner, digests.add(digest))
  }

  #writeNames(names: ReadonlyMap<string, NameRecord>): void {
    this.#folder.writeDurably(this.#folder.names, JSON.stringify({ format: FORMAT, names: Object.fromEntries(names) }))
    this.#names = names
  }

  #imagePath(digest: string): string {
    return join(this.#folder.images, `${digest.slice('sha256:'.length)}.json`)
  }

  #holdPath(digest: string, owner: string): string {
    return join(this.#folder.holds, `${owner}@${digest.slice('sha256:'.length)}`)
  }
}

const readImage = (path: string): KnownImage | undefined => {
  try {
    const value = readJson(path)
    if (!isObject(value)) return undefined
    const { digest, manifest, config, storedAt } = value
    if (typeof digest !== 'string' || !isDigest(digest) || typeof storedAt !== 'string') return undefined
    if (typeof manifest !== 'string' || typeof config !== 'string') return undefined
    return knownImage({ digest, manifest, config, storedAt })
  } catch (error) {
    // The disk spoiled it. An image can be had again; the control plane must start.
    if (error instanceof SyntaxError || isFault(error, 'invalid')) return undefined
    throw error
  }
}

const readNames = (path: string): ReadonlyMap<string, NameRecord> => {
  const value = readJson(path)
  const names = isObject(value) && isObject(value['names']) ? Object.entries(value['names']) : []
  return new Map(names as readonly [string, NameRecord][])
}

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
