// Images that exist only by name: what a registry holds is what the scenario registered.

import { createHash } from 'node:crypto'
import { Fault } from '#base/fault.ts'
import type { ImageConfig, Images, PulledImage, RegistryCredentials, StoredImage } from '../engine.ts'

export interface RegisteredImage {
  /** What differs from an image that runs /bin/sh as root. */
  readonly config?: Partial<ImageConfig>
  /** Without these exact credentials the registry answers "denied". */
  readonly credentials?: RegistryCredentials
  readonly sizeBytes?: number
  /** What it is, where that is not always the same under its name: a tag that has moved. */
  readonly digest?: string
}

const PLAIN: ImageConfig = {
  entryPoint: [],
  command: ['/bin/sh'],
  environment: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  workingDirectory: '',
  user: '',
  volumes: [],
  architecture: 'amd64',
}

/** The digest that the fake registry gives to a reference. */
export const fakeDigest = (reference: string): string => {
  const named = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1]
  return named ?? `sha256:${createHash('sha256').update(reference).digest('hex')}`
}

export class FakeImages implements Images {
  readonly #registry = new Map<string, RegisteredImage>()
  readonly #faults = new Map<string, Fault>()
  readonly #pulled = new Map<string, RegisteredImage>()
  /** By digest: all that was ever pulled. */
  readonly #held = new Map<string, RegisteredImage>()
  /** References in the order in which they were fetched; one that is here already is not fetched again. */
  readonly fetched: string[] = []

  /** Puts an image into the registry. Returns its digest. */
  register(reference: string, image: RegisteredImage = {}): string {
    this.#registry.set(reference, image)
    return image.digest ?? fakeDigest(reference)
  }

  /** Pulls of that reference fail from now on; undefined: they work again. */
  failPulls(reference: string, fault: Fault | undefined): void {
    if (fault === undefined) this.#faults.delete(reference)
    else this.#faults.set(reference, fault)
  }

  /** What was pulled under that digest. */
  byDigest(digest: string): PulledImage | undefined {
    const image = this.#held.get(digest)
    return image === undefined ? undefined : { digest, config: { ...PLAIN, ...image.config } }
  }

  async pull(reference: string, credentials?: RegistryCredentials): Promise<PulledImage> {
    const fault = this.#faults.get(reference)
    if (fault !== undefined) throw fault
    const held = this.byDigest(reference)
    if (held !== undefined) return held
    const image = this.#registry.get(reference) ?? this.#pulled.get(reference)
    if (image === undefined) throw new Fault('not-found', `${reference}: not found`)
    const { username, password } = image.credentials ?? {}
    if (username !== credentials?.username || password !== credentials?.password) {
      if (image.credentials !== undefined) throw new Fault('denied', `pull access denied for ${reference}`)
    }
    if (!this.#pulled.has(reference)) this.fetched.push(reference)
    this.#pulled.set(reference, image)
    const digest = image.digest ?? fakeDigest(reference)
    this.#held.set(digest, image)
    return { digest, config: { ...PLAIN, ...image.config } }
  }

  /** Takes UTF-8 text, one reference per line: the fake's own idea of an archive. */
  async import(tar: AsyncIterable<Uint8Array>): Promise<StoredImage[]> {
    const chunks: Uint8Array[] = []
    for await (const chunk of tar) chunks.push(chunk)
    const references = Buffer.concat(chunks).toString('utf8').split('\n').filter(Boolean)
    for (const reference of references) {
      const image = this.#registry.get(reference) ?? {}
      this.#pulled.set(reference, image)
      this.#held.set(image.digest ?? fakeDigest(reference), image)
    }
    return references.map((reference) => this.#stored(reference))
  }

  async list(): Promise<StoredImage[]> {
    return [...this.#pulled.keys()].map((reference) => this.#stored(reference))
  }

  async remove(reference: string): Promise<void> {
    const image = this.#pulled.get(reference)
    this.#pulled.delete(reference)
    if (image !== undefined) this.#held.delete(image.digest ?? fakeDigest(reference))
  }

  #stored(reference: string): StoredImage {
    return {
      references: [reference],
      digest: fakeDigest(reference),
      sizeBytes: this.#pulled.get(reference)?.sizeBytes ?? 0,
      createdAt: '2026-01-01T00:00:00.000Z',
    }
  }
}
