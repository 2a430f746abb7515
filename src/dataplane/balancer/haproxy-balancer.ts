// Load balancing by HAProxy: one for each load balancer. Targets come and go by commands; a change of listeners, rules or
// groups loads it anew, and costs no connection.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { NetworkKernel } from '#linux/network-kernel.ts'
import { takenPorts } from '#linux/taken-ports.ts'
import type {
  Balancer,
  BalancerCounters,
  BalancerPlan,
  Holder,
  LoggedConnection,
  LoggedRequest,
  RequestLog,
  TargetObservation,
} from './balancer.ts'
import { assertSound } from './soundness.ts'
import { CONNECTIONS, EAGER_LOOK_SECONDS, LOG_LINGER_SECONDS, LOOK_SECONDS, OWN_DESCRIPTORS } from './limits.ts'
import { carriedListeners } from './datagrams/ruleset.ts'
import { configuration } from './haproxy/configuration.ts'
import { followed } from './haproxy/command-socket.ts'
import { loggedConnection } from './haproxy/connection-log.ts'
import { FOLLOW_HELD, heldGroup } from './haproxy/hold.ts'
import { FOLLOW_NEW_REQUESTS, FOLLOW_REQUESTS, loggedRequest, SHOW_REQUESTS } from './haproxy/request-log.ts'
import { inLine, newlyKnown, type Running } from './haproxy/running.ts'
import { Stage } from './haproxy/stage.ts'
import { countersOf, rows, SHOW_COUNTERS, targetsOf } from './haproxy/statistics.ts'
import { question, SHOW_TARGETS } from './haproxy/target-keeper.ts'
import { keepVigil } from './haproxy/vigil.ts'

export interface HaproxyOptions {
  readonly runDir: string
  readonly kernel: NetworkKernel
  readonly clock: Clock
  readonly log: Log
}

/** Debian's nobody: HAProxy needs no rights once it listens. */
const NOBODY = { uid: 65_534, gid: 65_534 }
const FRAME_FILE = 'frame'

/** Each takes two descriptors; HAProxy keeps some for itself, and does not start where it may not have them. */
const connections = (): number => {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  return Math.min(CONNECTIONS, Math.floor((hard - OWN_DESCRIPTORS) / 2))
}

export class HaproxyBalancer implements Balancer, RequestLog, Holder {
  readonly #options: HaproxyOptions
  #opened: Stage | undefined
  readonly #running = new Map<string, Running>()
  readonly #listeners = new Set<(id: string) => void>()
  readonly #ending = new AbortController()
  #isLooking = false
  /** Ends the pause between two looks. */
  #wake: AbortController | undefined

  constructor(options: HaproxyOptions) {
    this.#options = options
  }

  /** Fault "unsupported" where HAProxy is missing. */
  apply(plan: BalancerPlan): Promise<void> {
    const one = this.#known(plan.id)
    return inLine(one, () => this.#bring(one, plan))
  }

  async remove(id: string): Promise<void> {
    const one = this.#known(id)
    await inLine(one, async () => {
      // A look that comes after this finds nothing to look at.
      one.plan = undefined
      this.#endVigil(one)
      await one.process.end()
      await one.datagrams.withdraw()
      this.#stage.clear(id)
    })
    this.#running.delete(id)
  }

  async observe(): Promise<string[]> {
    const folder = join(this.#options.runDir, 'balancer', 'sockets')
    if (!existsSync(folder)) return []
    return readdirSync(folder).flatMap((name) => /^(.+)\.master$/.exec(name)?.[1] ?? [])
  }

  async targets(id: string): Promise<TargetObservation[] | undefined> {
    const all = await this.#statistics(id, SHOW_TARGETS)
    if (all === undefined) return undefined
    const { keeper, datagrams } = this.#known(id)
    const flows = await datagrams.sessions()
    return targetsOf(all, (seen, name) => keeper.remembered(seen, name)).map((seen) => ({
      ...seen,
      sessions: seen.sessions + flows(seen.groupId, seen),
    }))
  }

  async counters(id: string): Promise<BalancerCounters | undefined> {
    const one = this.#known(id)
    // In line: not while it is loaded, when nobody could say which of its processes has answered.
    return inLine(one, async () => {
      const answer = await this.#asked(id, SHOW_COUNTERS)
      if (answer === undefined) return undefined
      const datagrams = await one.datagrams.counters()
      return { ...countersOf(answer), ...(datagrams === undefined ? {} : { datagrams }) }
    })
  }

  recentRequests(id: string): Promise<LoggedRequest[] | undefined> {
    return this.#recent(id, loggedRequest)
  }

  followRequests(
    id: string,
    told: (requests: readonly LoggedRequest[]) => void,
    signal: AbortSignal,
    from: 'recent' | 'now' = 'recent',
  ): Promise<void> {
    return this.#followed(id, from === 'now' ? FOLLOW_NEW_REQUESTS : FOLLOW_REQUESTS, loggedRequest, told, signal)
  }

  recentConnections(id: string): Promise<LoggedConnection[] | undefined> {
    return this.#recent(id, loggedConnection)
  }

  followConnections(
    id: string,
    told: (connections: readonly LoggedConnection[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#followed(id, FOLLOW_REQUESTS, loggedConnection, told, signal)
  }

  async #recent<T>(id: string, read: (line: string) => T | undefined): Promise<T[] | undefined> {
    const answer = await this.#asked(id, SHOW_REQUESTS)
    return answer?.split('\n').flatMap((line) => read(line) ?? [])
  }

  async #followed<T>(
    id: string,
    words: string,
    read: (line: string) => T | undefined,
    told: (news: readonly T[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { process, loaded } = this.#known(id)
    const heard = (lines: readonly string[]): void => {
      const news = lines.flatMap((line) => read(line) ?? [])
      if (news.length > 0) told(news)
    }
    await followed(process.socket, words, heard, AbortSignal.any([signal, loaded.signal]))
  }

  async followHeld(id: string, told: (groupId: string) => void, signal: AbortSignal): Promise<void> {
    const { process, loaded } = this.#known(id)
    const news = (lines: readonly string[]): void => {
      for (const group of new Set(lines.flatMap((line) => heldGroup(line) ?? []))) told(group)
    }
    await followed(process.socket, FOLLOW_HELD, news, AbortSignal.any([signal, loaded.signal]))
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#ending.abort()
    this.#wake?.abort()
    for (const one of this.#running.values()) this.#endVigil(one)
    this.#opened?.close()
  }

  /** Ends all there are, and with them everything that was made for them. */
  async destroy(): Promise<void> {
    this.#ending.abort()
    this.#wake?.abort()
    for (const id of await this.observe()) await this.remove(id)
    if (Stage.exists(this.#options.runDir)) this.#stage.remove()
  }

  /** Made when the first load balancer needs it. */
  get #stage(): Stage {
    this.#opened ??= new Stage(this.#options.runDir)
    return this.#opened
  }

  #known(id: string): Running {
    const known = this.#running.get(id)
    if (known !== undefined) return known
    const { runDir, clock, kernel } = this.#options
    const made = newlyKnown({ runDir, stage: () => this.#stage, clock, kernel }, id)
    this.#running.set(id, made)
    if (!this.#isLooking) void this.#looks()
    return made
  }

  async #bring(one: Running, plan: BalancerPlan): Promise<void> {
    assertSound(plan)
    // Targets alone come and go by commands: nothing else is looked at when only they have changed.
    const rest = JSON.stringify({ ...plan, groups: plan.groups.map((group) => ({ ...group, targets: [] })) })
    if (one.endVigil === undefined || one.rest !== rest) {
      const isServing = (await one.process.worker()) !== undefined
      if (isServing && one.plan === undefined) await one.keeper.learn()
      if (!isServing || one.rest !== rest) await this.#fit(one, plan, isServing)
      one.rest = rest
    }
    one.plan = plan
    one.endVigil ??= keepVigil(one.process.socket, () => {
      one.endVigil = undefined
      this.#wake?.abort()
    })
    await one.keeper.keep(plan.groups)
    await this.#carry(one, plan)
    if (one.keeper.patienceSeconds !== undefined) this.#wake?.abort()
  }

  /** Datagrams to the targets that are known to be well by now. */
  async #carry({ keeper, datagrams }: Running, plan: BalancerPlan): Promise<void> {
    const listeners = carriedListeners(plan, (group, target) => keeper.healthOf(group, target))
    await datagrams.keep(plan.doors, listeners)
  }

  /** Loads what stands in files, where it is another than what runs. */
  async #fit(one: Running, plan: BalancerPlan, isServing: boolean): Promise<void> {
    const places = {
      folder: this.#stage.folder(plan.id),
      socket: one.process.socket,
      user: NOBODY,
      jail: this.#stage.jail,
      connections: connections(),
      takenPorts: takenPorts(),
    }
    const wanted = configuration(plan, places, one.keeper.known)
    const frame = createHash('sha256').update(wanted.frame).digest('hex')
    if (isServing && this.#stage.read(plan.id, FRAME_FILE) === frame) return
    one.rest = undefined
    this.#stage.pin(plan)
    this.#stage.write(plan.id, wanted.files)
    // It would hold back the process that is to be replaced.
    this.#endVigil(one)
    await (isServing ? one.process.reload() : one.process.start(plan))
    await one.datagrams.countAnew()
    void this.#leaves(one.loaded)
    one.loaded = new AbortController()
    one.keeper.forgetServers()
    this.#stage.write(plan.id, { [FRAME_FILE]: frame })
  }

  /** Its last requests are still heard of. */
  async #leaves(loaded: AbortController): Promise<void> {
    await this.#options.clock.sleep(LOG_LINGER_SECONDS, this.#ending.signal)
    loaded.abort()
  }

  #endVigil(one: Running): void {
    one.endVigil?.()
    one.endVigil = undefined
  }

  async #statistics(id: string, words: string) {
    const answer = await this.#asked(id, words)
    return answer === undefined ? undefined : rows(answer)
  }

  /** Undefined when it does not run. */
  async #asked(id: string, words: string): Promise<string | undefined> {
    try {
      return await this.#known(id).process.ask(words)
    } catch (error) {
      if (isFault(error, 'not-found')) return undefined
      throw error
    }
  }

  /** Sees to targets that become healthy or are to go, and tells of what has changed. */
  async #looks(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#ending
    this.#isLooking = true
    while (!signal.aborted && this.#running.size > 0) {
      // Before the looks: what happens while they are under way ends the pause after them.
      this.#wake = new AbortController()
      const pauses = await Promise.all([...this.#running].map(([id, one]) => this.#look(id, one)))
      if (!signal.aborted) await clock.sleep(Math.min(...pauses, LOOK_SECONDS), this.#wake.signal)
    }
    this.#isLooking = false
  }

  /** Seconds until the next look. */
  async #look(id: string, one: Running): Promise<number> {
    try {
      const isNews = await inLine(one, async () => {
        if (one.plan === undefined) return false
        const { scope } = one.keeper
        const found = await one.keeper.look(await this.#statistics(id, question(scope)), scope)
        await this.#carry(one, one.plan)
        return found
      })
      if (isNews) for (const listener of this.#listeners) listener(id)
    } catch (error) {
      this.#options.log.warn('balancer-look', { balancer: id, reason: String(error) })
      // It may be dying: the first to die had ended the pause already.
      if (isFault(error, 'busy')) return EAGER_LOOK_SECONDS
    }
    return one.keeper.patienceSeconds ?? LOOK_SECONDS
  }
}
