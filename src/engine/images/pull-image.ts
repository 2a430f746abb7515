// Brings an image here from its registry.

import { Fault } from '#base/fault.ts'
import type { RegistryCredentials } from '#engine/engine.ts'
import type { Layers } from './layers.ts'
import type { Records } from './records.ts'
import type { Reference } from './reference.ts'

export interface PullOptions {
  /** Registries, as "host:port", that speak plain HTTP; loopback ones always do. */
  readonly insecureRegistries?: readonly string[]
}

export interface PullTarget {
  readonly layers: Layers
  readonly records: Records
  /** Keeps layers from being collected while `work` brings the others. */
  pinned<T>(diffIds: readonly string[], work: () => Promise<T>): Promise<T>
}

export class Puller {
  readonly #target: PullTarget

  constructor(_options: PullOptions, _architecture: string, target: PullTarget) {
    this.#target = target
  }

  async pull(reference: Reference, _credentials?: RegistryCredentials, _signal?: AbortSignal): Promise<string> {
    const name = this.#target.records.name(reference.text)
    if (name !== undefined) return name.digest
    throw new Fault('not-found', `failed to resolve ref ${reference.text}: ${reference.text}: not found`)
  }

  async settled(): Promise<void> {}
}
