// Tells the front which load balancers there are, whenever that changes.

import { listeners, loadBalancers } from '#apis/elbv2/tables.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { WorkQueue } from '#base/work-queue.ts'
import type { Store } from '#store/store.ts'
import { frontEntries } from './plan.ts'
import type { FrontSink } from './sink.ts'

interface Options {
  readonly store: Store
  readonly sink: FrontSink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const ALL = 'all'

export class FrontController {
  readonly #options: Options
  /** What was told last, as text: health and counts change the records far more often. */
  #told: string | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Works until `signal` aborts, and returns when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, random, log } = this.#options
    const queue = new WorkQueue({
      clock,
      random,
      signal,
      concurrency: 1,
      work: () => this.#tell(),
      failed: (_key, attempts, error) => {
        if (isFault(error)) log.warn('front-fault', { attempts, kind: error.kind, reason: error.message })
        else log.bug('front-bug', error, { attempts })
      },
    })
    const unwatch = store.watch([loadBalancers, listeners], () => queue.add(ALL))
    queue.add(ALL)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    unwatch()
    await queue.drained()
  }

  async #tell(): Promise<void> {
    const { store, sink } = this.#options
    const entries = await store.read(async (reader) =>
      frontEntries(await reader.list(loadBalancers), await reader.list(listeners)),
    )
    const text = JSON.stringify(entries)
    if (text === this.#told) return
    await sink.setFront(entries)
    this.#told = text
  }
}
