// Follows the requests that one load balancer answers, and holds them until they are counted: each once, also when the
// load balancer was loaded anew, and no more of them than are worth the time to read.

import type { Clock } from '#base/clock.ts'
import type { LoggedRequest, RequestLog } from '#dataplane/balancer/balancer.ts'
import { FOLLOW_AGAIN_SECONDS, PAUSE_SECONDS, READ_MOST, RECENT_MOST } from './limits.ts'

export interface Taken {
  /** In the order of their ends. */
  readonly requests: readonly LoggedRequest[]
  /** False when there were more. */
  readonly isAll: boolean
}

/** What came of one look into the log. */
interface Batch {
  requests: LoggedRequest[]
  /** It begins with those that the load balancer remembers, of which some may have been counted. */
  isRecent: boolean
  /** It was looked at while it may not have been whole. */
  isSeen: boolean
}

export interface ReaderOptions {
  readonly requests: Pick<RequestLog, 'followRequests'>
  /** What the balancer calls it. */
  readonly name: string
  /** The id of the last request that was counted, where a reader before this one has counted any. */
  readonly last: string | undefined
  readonly clock: Clock
}

/** In so many rounds, all that a load balancer remembers has been read. */
const CATCH_UP_ROUNDS = 2

export class RequestReader {
  readonly #options: ReaderOptions
  readonly #life = new AbortController()
  #batches: Batch[] = []
  /** The id of the last request that was counted; undefined before any was. */
  #last: string | undefined
  /** Milliseconds since 1970: while none was counted, what ended before is not news. */
  readonly #since: number
  #isAll = true
  /** Rounds to wait until what has ended before it began is known. */
  #behind: number
  /** It has found out where the one before it has left off. */
  #hasCounted: boolean
  /** Ends the pause after too many; undefined while there is none. */
  #pause: AbortController | undefined

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#since = options.clock.now().getTime()
    this.#last = options.last
    this.#behind = options.last === undefined ? 0 : CATCH_UP_ROUNDS
    this.#hasCounted = options.last === undefined
    void this.#follow()
  }

  get last(): string | undefined {
    return this.#last
  }

  /** Asked once a round: whether it knows what has ended before it began. */
  hasCaughtUp(): boolean {
    return this.#behind-- <= 0
  }

  /** Those that have ended since the last time. */
  take(): Taken {
    const open = this.#batches.at(-1)
    const kept: Batch[] = []
    const requests: LoggedRequest[] = []
    for (const batch of this.#batches) {
      const news = kept.length > 0 ? undefined : this.#newIn(batch)
      if (news === undefined || batch === open) kept.push(batch)
      requests.push(...(news ?? []))
    }
    this.#batches = kept
    const isAll = this.#isAll
    // While it is being gone on with, some may pass by.
    this.#isAll = this.#pause === undefined
    this.#pause?.abort()
    this.#pause = undefined
    return { requests, isAll }
  }

  end(): void {
    this.#life.abort()
  }

  /** Undefined while that cannot be told. */
  #newIn(batch: Batch): LoggedRequest[] | undefined {
    const { requests, isRecent } = batch
    const newest = requests.at(-1)
    if (newest === undefined) return []
    const last = this.#last
    const counted = isRecent ? requests.findLastIndex(({ id }) => id === last) : -1
    if (isRecent && last !== undefined && counted < 0 && !batch.isSeen && this.#hasCounted) {
      batch.isSeen = true
      return undefined
    }
    batch.requests = []
    batch.isRecent = false
    this.#last = newest.id
    // Not found, they are of another process, or newer than all that this one remembers: some may have been forgotten.
    if (!this.#hasCounted && counted < 0) this.#isAll = false
    this.#hasCounted = true
    const news = requests.slice(counted + 1)
    return last === undefined ? news.filter(({ endedAt }) => endedAt >= this.#since) : news
  }

  async #follow(): Promise<void> {
    const { requests, name, clock } = this.#options
    const { signal } = this.#life
    let from: 'recent' | 'now' = 'recent'
    while (!signal.aborted) {
      const batch: Batch = { requests: [], isRecent: from === 'recent', isSeen: false }
      this.#batches.push(batch)
      const enough = new AbortController()
      const told = (news: readonly LoggedRequest[]): void => {
        for (const request of news) batch.requests.push(request)
        if (batch.requests.length <= (batch.isRecent ? RECENT_MOST : READ_MOST)) return
        this.#isAll = false
        enough.abort()
      }
      await requests.followRequests(name, told, AbortSignal.any([signal, enough.signal]), from)
      if (batch.requests.length === 0) this.#batches = this.#batches.filter((one) => one !== batch)
      from = enough.signal.aborted ? 'now' : 'recent'
      this.#pause = from === 'now' ? new AbortController() : undefined
      const pause = this.#pause?.signal ?? signal
      await clock.sleep(from === 'now' ? PAUSE_SECONDS : FOLLOW_AGAIN_SECONDS, AbortSignal.any([signal, pause]))
    }
  }
}
