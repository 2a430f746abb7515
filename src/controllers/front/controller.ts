// Tells the front which load balancers there are, whenever that changes.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { ec2Key, networkInterfaces } from '#apis/ec2/tables.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { listeners, loadBalancers } from '#apis/elbv2/tables.ts'
import { aborted } from '#base/aborted.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { WorkQueue } from '#base/work-queue.ts'
import type { Reader, Store } from '#store/store.ts'
import { frontEntries, relayEntries } from './plan.ts'
import type { FrontSink } from './sink.ts'

interface Options {
  readonly store: Store
  readonly sink: FrontSink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const ALL = 'all'

const doorsOf = async (
  reader: Reader,
  balancers: readonly LoadBalancerRecord[],
): Promise<readonly NetworkInterfaceRecord[]> => {
  const keys = balancers.flatMap(({ scope, status: { addresses } }) =>
    addresses.map(({ networkInterfaceId }) => ec2Key(scope, networkInterfaceId)),
  )
  const found = await Promise.all(keys.map((key) => reader.get(networkInterfaces, key)))
  return found.filter((each) => each !== undefined)
}

export class FrontController {
  readonly #options: Options
  /** What was told last, as text: health and counts change the records far more often. */
  #told: string | undefined
  #toldRelays: string | undefined

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
    const unwatch = store.watch([loadBalancers, listeners, networkInterfaces], () => queue.add(ALL))
    queue.add(ALL)
    await aborted(signal)
    unwatch()
    await queue.drained()
  }

  async #tell(): Promise<void> {
    const { store, sink } = this.#options
    const { entries, relays } = await store.read(async (reader) => {
      const balancers = await reader.list(loadBalancers)
      // Without any, tasks' interfaces come and go unread.
      if (balancers.length === 0) return { entries: [], relays: [] }
      const all = await reader.list(listeners)
      return {
        entries: frontEntries(balancers, all),
        relays: relayEntries(balancers, all, await doorsOf(reader, balancers)),
      }
    })
    const text = JSON.stringify(entries)
    if (text !== this.#told) await sink.setFront(entries)
    this.#told = text
    const relaysText = JSON.stringify(relays)
    if (relaysText !== this.#toldRelays) await sink.setRelays(relays)
    this.#toldRelays = relaysText
  }
}
