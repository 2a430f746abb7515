// The access log of one load balancer: follows its requests, keeps them in its spool, publishes a file for each period.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { Clock } from '#base/clock.ts'
import type { Random } from '#base/random.ts'
import type { EntryFacts } from './entry.ts'
import { FILE_BYTES, FOLLOW_AGAIN_SECONDS, WAITING_MOST } from './limits.ts'
import { type Destination, periodEnd, publishedPath } from './plan.ts'
import { Spool } from './spool.ts'

export interface WriterOptions {
  /** Holds the buckets' folders, and the spools in one of its own. */
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
}

/** Whatever ends at a load balancer, and is a line then. */
export interface Logged {
  /** Unlike any other's. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly endedAt: number
}

/** What is logged, and how it reads. */
export interface Source<T extends Logged> {
  /** What the spool is called. */
  readonly name: string
  follow(told: (news: readonly T[]) => void, signal: AbortSignal): Promise<void>
  entry(one: T, facts: EntryFacts): string
}

const SPOOLS = '.spool'
const RANDOM_LETTERS = 8

export class AccessLogWriter<T extends Logged> {
  readonly #options: WriterOptions
  readonly #source: Source<T>
  /** Milliseconds since 1970. */
  readonly #since: number
  readonly #life = new AbortController()
  #waiting: T[] = []
  #spool: Spool | undefined
  /** Where it was published last. */
  #last: { readonly balancer: LoadBalancerRecord; readonly to: Destination } | undefined

  constructor(options: WriterOptions, source: Source<T>) {
    this.#options = options
    this.#source = source
    this.#since = options.clock.now().getTime()
    void this.#follow()
  }

  /** Writes what has come since the last time, and publishes what is due. Faults leave everything as it was. */
  async flush(facts: EntryFacts, to: Destination): Promise<boolean> {
    this.#last = { balancer: facts.balancer, to }
    const spool = await this.#opened()
    const waiting = this.#waiting
    const news = waiting.filter((one) => !spool.knows(one))
    if (news.length > 0) {
      await spool.append(
        news.map((one) => ({ id: one.id, endedAt: one.endedAt, entry: this.#source.entry(one, facts) })),
      )
    }
    this.#waiting = this.#waiting.slice(waiting.length)
    const isOver = this.#second() >= spool.head.periodEnd
    return isOver || spool.bytes > FILE_BYTES ? this.#publish(spool) : false
  }

  /** Nothing more is logged; what was, is published. */
  async end(): Promise<void> {
    this.#life.abort()
    const spool = await this.#opened()
    await this.#publish(spool)
    await spool.remove()
  }

  /** Leaves everything for the next process. */
  close(): void {
    this.#life.abort()
  }

  async #follow(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#life
    while (!signal.aborted) {
      await this.#source.follow((news) => {
        if (this.#waiting.length < WAITING_MOST) this.#waiting.push(...news)
      }, signal)
      await clock.sleep(FOLLOW_AGAIN_SECONDS, signal)
    }
  }

  async #opened(): Promise<Spool> {
    if (this.#spool !== undefined) return this.#spool
    const { folder, random } = this.#options
    await mkdir(join(folder, SPOOLS), { recursive: true, mode: 0o700 })
    this.#spool = await Spool.open(join(folder, SPOOLS, `${this.#source.name}.log`), {
      since: this.#since,
      periodEnd: periodEnd(this.#second()),
      random: random.hex(RANDOM_LETTERS),
    })
    return this.#spool
  }

  /** True when there was something to publish. */
  async #publish(spool: Spool): Promise<boolean> {
    const { folder, random } = this.#options
    const next = { periodEnd: periodEnd(this.#second()), random: random.hex(RANDOM_LETTERS) }
    if (spool.isEmpty || this.#last === undefined) {
      await spool.advance(next)
      return false
    }
    const { balancer, to } = this.#last
    const { periodEnd: end, random: letters } = spool.head
    await spool.publish(join(folder, publishedPath(balancer, to, end, letters)), next)
    return true
  }

  #second(): number {
    return Math.floor(this.#options.clock.now().getTime() / 1000)
  }
}
