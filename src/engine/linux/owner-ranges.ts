// Every task has a range of user ids of its own: what breaks out of one is nobody in the others, nor on the host.

import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { makeUserNamespace, pinNamespace, RANGE_IDS } from '#linux/user-namespace.ts'
import { STAGE } from './folders.ts'
import { READY_USER_NAMESPACES } from './limits.ts'
import { THROUGH_ONLY } from './stage.ts'
import type { UserNamespace } from './bundle.ts'
import type { Within } from './runtime.ts'

/** systemd leaves 0x70000000 to 0x7fffffff unused (its UIDS-GIDS.md), and programs get ids above that wrong. */
const FIRST_ID = 0x70000000
const RANGES = 4096

const PINS = join(STAGE, 'u')

export const firstIdOf = (range: number): number => FIRST_ID + range * RANGE_IDS

export const rangePin = (range: number): string => join(PINS, String(range))

export const userNamespaceOf = (range: number): UserNamespace => ({ firstId: firstIdOf(range), path: rangePin(range) })

export interface OwnerRangesOptions {
  readonly instance: string
  readonly within: Within
  /** Ranges of tasks that are here already. */
  readonly used: Iterable<number>
}

export class OwnerRanges {
  readonly #options: OwnerRangesOptions
  readonly #used: Set<number>
  readonly #ready: number[] = []
  #next: number
  #filling: Promise<void> | undefined

  constructor(options: OwnerRangesOptions) {
    this.#options = options
    this.#used = new Set(options.used)
    // Instances side by side start far apart, so that they seldom share a range.
    this.#next = Number.parseInt(createHash('sha256').update(options.instance).digest('hex').slice(0, 8), 16) % RANGES
    for (const range of this.#pinned()) if (!this.#used.has(range)) this.#ready.push(range)
  }

  /** A range that no other task of this instance has, with its namespace pinned. Fault "busy" when all are taken. */
  async take(): Promise<number> {
    const range = this.#ready.pop() ?? (await this.#make())
    this.#used.add(range)
    this.fill()
    return range
  }

  /** The namespace stays pinned: the next task takes it over. */
  give(range: number): void {
    if (this.#used.delete(range) && !this.#ready.includes(range)) this.#ready.push(range)
  }

  /** Makes some more ready in the background. */
  fill(): void {
    if (this.#filling !== undefined || this.#ready.length >= READY_USER_NAMESPACES) return
    const work = async (): Promise<void> => {
      while (this.#ready.length < READY_USER_NAMESPACES) this.#ready.push(await this.#make())
    }
    // Whoever needs one makes it himself and meets the same problem there.
    this.#filling = work()
      .catch(() => {})
      .finally(() => (this.#filling = undefined))
  }

  /** Waits for what is being made in the background. */
  async settled(): Promise<void> {
    await this.#filling
  }

  #pinned(): number[] {
    return this.#options.within(() => (existsSync(PINS) ? readdirSync(PINS).map(Number) : []))
  }

  #free(): number {
    for (let tries = 0; tries < RANGES; tries++) {
      const range = this.#next
      this.#next = (this.#next + 1) % RANGES
      if (!this.#used.has(range) && !this.#ready.includes(range)) return range
    }
    throw new Fault('busy', `all ${RANGES} ranges of user ids are in use`)
  }

  async #make(): Promise<number> {
    const range = this.#free()
    // Taken while we wait, so that nobody else makes the same.
    this.#used.add(range)
    try {
      const namespace = await makeUserNamespace(firstIdOf(range))
      try {
        this.#options.within(() => {
          mkdirSync(PINS, { recursive: true, mode: THROUGH_ONLY })
          pinNamespace(namespace, rangePin(range))
        })
      } finally {
        closeSync(namespace)
      }
    } finally {
      this.#used.delete(range)
    }
    return range
  }
}

/** Descriptor of a pinned range's namespace. Inside the engine's mount namespace only; the caller closes it. */
export const openRange = (range: number): number => openSync(rangePin(range), 'r')
