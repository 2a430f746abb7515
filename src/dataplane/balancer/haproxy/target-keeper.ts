// Keeps a running HAProxy's targets as its plan says: a new one gets no request before its first health check has passed,
// a draining one no new ones, and one that the plan does not name goes as soon as HAProxy lets it go. Each that has been
// asked once has a twin that is not asked, in the backend that serves when none is healthy.

import type { Clock } from '#base/clock.ts'
import type { GroupPlan, TargetObservation, TargetPlan } from '../balancer.ts'
import { backendOf } from './actions.ts'
import { checkedName, openName, openServerWords, serverAddress, serverWords, slowStart } from './backend.ts'
import { changes, complaints } from './command-socket.ts'
import type { Known } from './configuration.ts'
import type { HaproxyProcess } from './process.ts'
import { isOpen, type Row, rows, targetOf } from './statistics.ts'

type Standing = 'waiting' | 'serving' | 'draining'
type Verdict = Pick<TargetObservation, 'health' | 'failure'>

interface Wanted {
  readonly group: GroupPlan
  readonly target: TargetPlan
  readonly twin: string
}

/** Only servers: groups and listeners are not asked for. */
export const SHOW_TARGETS = 'show stat -1 4 -1'

/** A target that serves with its whole share. */
const isFullyIn = (row: Row): boolean =>
  !isOpen(row) && (row['status'] ?? '').startsWith('UP') && ['', '100'].includes(row['throttle'] ?? '')

export class TargetKeeper {
  readonly #process: HaproxyProcess
  readonly #clock: Clock
  /** By "backend/server". */
  readonly #standing = new Map<string, Standing>()
  /** What the last health checks have found: it outlives the HAProxy that asked. */
  readonly #verdicts = new Map<string, Verdict>()
  #wanted = new Map<string, Wanted>()
  #leaving = new Set<string>()
  #last = ''

  constructor(process: HaproxyProcess, clock: Clock) {
    this.#process = process
    this.#clock = clock
  }

  get known(): Known {
    return {
      serves: (name) => this.#standing.get(name) === 'serving' && this.#verdicts.get(name)?.health === 'healthy',
      isJudged: (name) => this.#verdicts.has(name),
    }
  }

  /** True while one awaits its first health check, or its end. */
  get isWaiting(): boolean {
    return (
      this.#leaving.size > 0 ||
      [...this.#standing].some(([name, standing]) => standing === 'waiting' && !this.#verdicts.has(name))
    )
  }

  /** What is known of the targets of a HAProxy that somebody else has left. */
  async learn(): Promise<void> {
    for (const row of rows(await this.#process.ask(SHOW_TARGETS))) {
      const seen = targetOf(row)
      if (seen === undefined || isOpen(row)) continue
      const name = `${row['pxname']}/${row['svname']}`
      this.#judge(name, seen)
      const isOut = /^(DRAIN|MAINT)/.test(row['status'] ?? '')
      if (seen.health === 'healthy' && !isOut) this.#standing.set(name, 'serving')
    }
  }

  async keep(groups: readonly GroupPlan[]): Promise<void> {
    this.#wanted = new Map(
      groups.flatMap((group) =>
        group.targets.map(
          (target) => [checkedName(group, target), { group, target, twin: openName(group, target) }] as const,
        ),
      ),
    )
    for (const known of [this.#standing, this.#verdicts])
      for (const name of known.keys()) if (!this.#wanted.has(name)) known.delete(name)
    await this.look(rows(await this.#process.ask(SHOW_TARGETS)))
  }

  /** True when a target's health is another than at the last look, or HAProxy has died. */
  async look(all: readonly Row[] | undefined): Promise<boolean> {
    if (all === undefined) return true
    const servers = new Map<string, Row>(
      all.flatMap((row) => (targetOf(row) === undefined ? [] : [[`${row['pxname']}/${row['svname']}`, row] as const])),
    )
    const ahead = new Set(all.flatMap((row) => (isFullyIn(row) ? [row['pxname']] : [])))
    const words: string[] = []
    const kept = new Set<string>()
    for (const [name, wanted] of this.#wanted) {
      const row = servers.get(name)
      kept.add(name).add(wanted.twin)
      const hasOthers = ahead.has(backendOf(wanted.group.id))
      if (row === undefined) words.push(...this.#added(name, wanted, hasOthers))
      else {
        this.#judge(name, targetOf(row))
        words.push(...this.#settled(name, row, wanted, hasOthers))
      }
      words.push(...this.#twin(name, servers.get(wanted.twin), wanted))
    }
    await changes(this.#process.socket, words, this.#clock)
    await this.#takeAway([...servers.keys()].filter((name) => !kept.has(name)))
    const health = [...this.#wanted.keys()].map((name) => `${name} ${JSON.stringify(this.#verdicts.get(name))}`).join()
    const isNews = health !== this.#last
    this.#last = health
    return isNews
  }

  /** The same with what is known from before HAProxy started: it has not asked all of them yet. */
  remembered(seen: TargetObservation, name: string): TargetObservation {
    return seen.health === 'unknown' ? { ...seen, ...this.#verdicts.get(name) } : seen
  }

  #judge(name: string, seen: TargetObservation | undefined): void {
    if (seen === undefined || seen.health === 'unknown') return
    const { health, failure } = seen
    this.#verdicts.set(name, { health, ...(failure === undefined ? {} : { failure }) })
  }

  #added(name: string, { group, target }: Wanted, hasOthers: boolean): string[] {
    this.#standing.set(name, target.isDraining ? 'draining' : 'waiting')
    return [
      `add server ${name} ${serverAddress(target)} ${[...serverWords(group), ...slowStart(group, hasOthers)].join(' ')}`,
      `set server ${name} state drain`,
      `enable health ${name}`,
    ]
  }

  #settled(name: string, row: Row, { target, group: { slowStartSeconds } }: Wanted, hasOthers: boolean): string[] {
    const before = this.#standing.get(name)
    if (target.isDraining) {
      this.#standing.set(name, 'draining')
      return before === 'draining' ? [] : [`set server ${name} state drain`]
    }
    const status = row['status'] ?? ''
    const isOut = status.startsWith('DRAIN') || status.startsWith('MAINT')
    if (targetOf(row)?.health === 'healthy') {
      this.#standing.set(name, 'serving')
      if (!isOut) return []
      // Its share grows only when it comes from out of order, not when it has drained. AWS: and only beside others.
      const before = slowStartSeconds > 0 && hasOthers ? [`set server ${name} state maint`] : []
      return [...before, `set server ${name} state ready`]
    }
    if (isOut) this.#standing.set(name, 'waiting')
    // As the configuration begins with targets of which nothing is known.
    return status.startsWith('MAINT') ? [`set server ${name} state drain`] : []
  }

  #twin(name: string, row: Row | undefined, { group, target, twin }: Wanted): string[] {
    const status = row?.['status'] ?? ''
    if (target.isDraining)
      return row === undefined || status.startsWith('DRAIN') ? [] : [`set server ${twin} state drain`]
    if (row !== undefined) return /^(DRAIN|MAINT)/.test(status) ? [`set server ${twin} state ready`] : []
    if (!this.#verdicts.has(name)) return []
    return [
      `add server ${twin} ${serverAddress(target)} ${openServerWords(group).join(' ')}`,
      `set server ${twin} state ready`,
    ]
  }

  /** HAProxy keeps a server as long as a connection to it is open, also an idle one: the next look tries again. */
  async #takeAway(names: readonly string[]): Promise<void> {
    const { socket } = this.#process
    const fresh = names.filter((name) => !this.#leaving.has(name))
    const out = (name: string): string[] => [`set server ${name} state maint`, `shutdown sessions server ${name}`]
    await changes(socket, fresh.flatMap(out), this.#clock)
    // A complaint is about connections; what has really gone is not there at the next look.
    await complaints(
      socket,
      names.map((name) => `del server ${name}`),
      this.#clock,
    )
    this.#leaving = new Set(names)
  }
}
