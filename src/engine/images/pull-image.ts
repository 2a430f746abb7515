// Brings an image here from its registry: finds out what the reference means now, then fetches what is missing.

import { createHash } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { Fault, isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { RegistryCredentials } from '#engine/engine.ts'
import { blobStream } from './blob-stream.ts'
import { Flights } from './flights.ts'
import { together, type Layers } from './layers.ts'
import { CONFIG_BYTES, INDEX_DEPTH, MANIFEST_BYTES, REGISTRY_RETRY } from './limits.ts'
import {
  chosenEntry,
  digestOf,
  indexEntries,
  INDEX_TYPES,
  isIndex,
  MANIFEST_TYPES,
  manifestOf,
  parsedJson,
  type Descriptor,
} from './manifest.ts'
import { knownImage, type NameRecord, type Records } from './records.ts'
import type { Reference } from './reference.ts'
import { registryBase } from './registry-address.ts'
import { readBody, RegistrySession } from './registry-session.ts'
import { REGISTRY_TIMEOUTS, Transport, type Timeouts } from './registry-transport.ts'
import { mayPass, Retries, type RetryPolicy } from './retry.ts'

export interface PullOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Registries, as "host:port", that speak plain HTTP; those on loopback always do. */
  readonly insecureRegistries?: readonly string[]
  readonly retry?: RetryPolicy
  readonly timeouts?: Timeouts
}

export interface PullTarget {
  readonly layers: Layers
  readonly records: Records
  /** Keeps layers from being collected while `work` brings the others. */
  pinned<T>(diffIds: readonly string[], work: () => Promise<T>): Promise<T>
}

interface Fetched {
  readonly digest: string
  readonly bytes: Buffer
}

const ACCEPT = [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ')

export class Puller {
  readonly #options: PullOptions
  readonly #architecture: string
  readonly #target: PullTarget
  readonly #policy: RetryPolicy
  readonly #transport: Transport
  readonly #flights = new Flights<string>()

  constructor(options: PullOptions, architecture: string, target: PullTarget) {
    this.#options = options
    this.#architecture = architecture
    this.#target = target
    this.#policy = options.retry ?? REGISTRY_RETRY
    this.#transport = new Transport(options.timeouts ?? REGISTRY_TIMEOUTS)
  }

  /** Returns the image's digest. Those who ask for the same thing with the same credentials get the same answer. */
  async pull(reference: Reference, credentials?: RegistryCredentials, signal?: AbortSignal): Promise<string> {
    const { records } = this.#target
    const name = records.name(reference.text)
    if (name !== undefined && (name.from === 'import' || reference.digest !== undefined)) return name.digest
    if (reference.digest !== undefined && records.image(reference.digest) !== undefined) return reference.digest
    // Nobody profits from the password of somebody else.
    const asker = createHash('sha256').update(JSON.stringify([credentials?.username, credentials?.password]))
    const key = `${reference.text} ${asker.digest('hex')}`
    return this.#flights.join(key, (all) => this.#fetch(reference, credentials, name, all), signal)
  }

  async settled(): Promise<void> {
    await this.#flights.settled()
    this.#transport.close()
  }

  async #fetch(
    reference: Reference,
    credentials: RegistryCredentials | undefined,
    known: NameRecord | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const session = new RegistrySession({
      transport: this.#transport,
      clock: this.#options.clock,
      base: registryBase(reference.registry, this.#options.insecureRegistries ?? []),
      repository: reference.repository,
      credentials,
    })
    if (known !== undefined && (await this.#isCurrent(session, reference, known, signal))) return known.digest
    const top = await this.#retried(reference, this.#policy, signal, () =>
      fetchManifest(session, reference.digest ?? reference.tag ?? 'latest', reference.digest, signal),
    )
    return await this.#bring(session, reference, top, signal)
  }

  /** Asks the registry whether the tag still means what it meant when it was pulled. */
  async #isCurrent(
    session: RegistrySession,
    reference: Reference,
    known: NameRecord,
    signal: AbortSignal,
  ): Promise<boolean> {
    // One try only: whoever has a copy need not wait long for a registry that does not answer.
    const policy = { ...this.#policy, tries: 1 }
    try {
      const { response } = await this.#retried(reference, policy, signal, () =>
        session.request('HEAD', `manifests/${reference.tag ?? 'latest'}`, { accept: ACCEPT }, signal),
      )
      response.resume()
      return response.headers['docker-content-digest'] === known.target
    } catch (error) {
      // A copy that cannot be compared is better than none: Neargate works with the cable pulled.
      if (!isFault(error, 'unreachable')) throw error
      this.#options.log.warn('images.registry-unreachable', { image: reference.text, error: error.message })
      return true
    }
  }

  async #bring(session: RegistrySession, reference: Reference, top: Fetched, signal: AbortSignal): Promise<string> {
    const { records, layers } = this.#target
    const found = await this.#platformManifest(session, reference, top, signal)
    const names = new Map<string, NameRecord>([
      [reference.text, { digest: found.digest, target: top.digest, from: 'registry' }],
    ])
    const here = records.image(found.digest)
    if (here !== undefined) {
      records.add(here, names)
      return here.digest
    }
    const manifest = manifestOf(parsedJson(found.bytes, 'the manifest'))
    const config = await this.#retried(reference, this.#policy, signal, () =>
      fetchBlob(session, manifest.config, signal),
    )
    const image = knownImage({
      digest: found.digest,
      manifest: found.bytes.toString('utf8'),
      config: config.toString('utf8'),
      storedAt: this.#options.clock.now().toISOString(),
    })
    const tools = { clock: this.#options.clock, random: this.#options.random, policy: this.#policy }
    await this.#target.pinned(image.diffIds, async () => {
      const work = manifest.layers.map((blob, at) => (one: AbortSignal) => {
        const diffId = image.diffIds[at] ?? ''
        const input = (all: AbortSignal) => ({ bytes: blobStream(session, blob, tools, all), blob, diffId })
        return layers.need(diffId, input, one)
      })
      await together(work, signal)
      records.add(image, names)
    })
    return image.digest
  }

  async #platformManifest(
    session: RegistrySession,
    reference: Reference,
    top: Fetched,
    signal: AbortSignal,
  ): Promise<Fetched> {
    let at = top
    for (let depth = 0; depth <= INDEX_DEPTH; depth++) {
      const value = parsedJson(at.bytes, 'the manifest')
      if (!isIndex(value)) return at
      const { digest } = chosenEntry(indexEntries(value), this.#architecture)
      at = await this.#retried(reference, this.#policy, signal, () => fetchManifest(session, digest, digest, signal))
    }
    throw new Fault('invalid', `indexes are nested more than ${INDEX_DEPTH} deep`)
  }

  /** Says what AWS says when it gives up. */
  async #retried<T>(
    reference: Reference,
    policy: RetryPolicy,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const retries = new Retries({ clock: this.#options.clock, random: this.#options.random, policy })
    for (;;) {
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        if (mayPass(error) && (await retries.again(signal))) continue
        if (!isFault(error)) throw error
        const tried = Math.max(retries.failures, 1)
        const what = error.kind === 'not-found' ? `${reference.text}: ${error.message}` : error.message
        throw new Fault(
          error.kind,
          `pull image manifest has been retried ${tried} time(s): failed to resolve ref ${reference.text}: ${what}`,
          { cause: error },
        )
      }
    }
  }
}

const fetchManifest = async (
  session: RegistrySession,
  tagOrDigest: string,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<Fetched> => {
  const answer = await session.request('GET', `manifests/${tagOrDigest}`, { accept: ACCEPT }, signal)
  const declared = wanted ?? answer.response.headers['docker-content-digest']
  const bytes = await readBody(answer, MANIFEST_BYTES)
  return { bytes, digest: verified(bytes, typeof declared === 'string' ? declared : undefined) }
}

const fetchBlob = async (session: RegistrySession, blob: Descriptor, signal: AbortSignal): Promise<Buffer> => {
  const bytes = await readBody(await session.request('GET', `blobs/${blob.digest}`, {}, signal), CONFIG_BYTES)
  verified(bytes, blob.digest)
  return bytes
}

const verified = (bytes: Buffer, wanted: string | undefined): string => {
  const digest = digestOf(bytes)
  if (wanted === undefined || digest === wanted) return digest
  throw new Fault('invalid', `failed commit on ref: unexpected commit digest ${digest}, expected ${wanted}`)
}
