// Keeps a running HAProxy's targets as its plan says: a new one is on probation, asked often, and gets no request before
// a check has passed; a draining one gets no new ones, and one that the plan does not name goes as soon as HAProxy lets
// it go. Each that has been judged has a twin that is not asked, in the backend that serves when none is healthy.

import type { Clock } from '#base/clock.ts'
import type { GroupPlan, TargetObservation, TargetPlan } from '../balancer.ts'
import { EAGER_LOOK_SECONDS, HASTY_LOOK_SECONDS } from '../limits.ts'
import { backendOf, openBackendOf } from './actions.ts'
import {
  checkedName,
  cookieWords,
  openName,
  openServerWords,
  probationWords,
  serverAddress,
  serverWords,
  slowStart,
} from './backend.ts'
import { changes, complaints } from './command-socket.ts'
import type { Known } from './configuration.ts'
import type { HaproxyProcess } from './process.ts'
import { asLetIn, isOnProbation, isOpen, type Row, rows, targetOf, type Verdict, verdictOf } from './statistics.ts'

/** `probation`: nothing is known of it yet. `judged`: HAProxy takes it in and out by its checks. */
type Standing = 'probation' | 'judged' | 'draining'

interface Wanted {
  readonly group: GroupPlan
  readonly target: TargetPlan
  readonly twin: string
}

/** So often, of the looks while something is awaited, one goes over all. */
const LOOKS_FOR_ALL = 10

/** Only servers: groups and listeners are not asked for. */
export const SHOW_TARGETS = 'show stat -1 4 -1'

/** Gets no new requests. */
const isOut = (row: Row): boolean => /^(DRAIN|MAINT)/.test(row['status'] ?? '')

/** It is not asked how it is. */
const isInMaintenance = (row: Row): boolean => (row['status'] ?? '').startsWith('MAINT')

/** A target that serves with its whole share. */
const isFullyIn = (row: Row): boolean =>
  !isOpen(row) && (row['status'] ?? '').startsWith('UP') && ['', '100'].includes(row['throttle'] ?? '')

/** Ids of groups; undefined for all. */
export type Scope = ReadonlySet<string> | undefined

/** What is to be asked for a look. */
export const question = (scope: Scope): string =>
  scope === undefined
    ? SHOW_TARGETS
    : [...scope].flatMap((id) => [backendOf(id), openBackendOf(id)].map((name) => `show stat ${name} 4 -1`)).join(';')

/** From "backend/server". */
const groupOf = (name: string): string => name.slice(2, name.indexOf('/'))

export class TargetKeeper {
  readonly #process: HaproxyProcess
  readonly #clock: Clock
  /** By "backend/server". */
  readonly #standing = new Map<string, Standing>()
  /** When probation began: milliseconds since 1970. */
  readonly #since = new Map<string, number>()
  /** What the last health checks have found: it outlives the HAProxy that asked. */
  readonly #verdicts = new Map<string, Verdict>()
  #wanted = new Map<string, Wanted>()
  /** What each group was brought to; undefined where that is not certain. */
  #groups: ReadonlyMap<string, string> | undefined
  #leaving = new Set<string>()
  #looks = 0
  #isNews = false

  constructor(process: HaproxyProcess, clock: Clock) {
    this.#process = process
    this.#clock = clock
  }

  get known(): Known {
    return {
      serves: (name) => this.#standing.get(name) === 'judged' && this.#verdicts.get(name)?.health === 'healthy',
      isJudged: (name) => this.#verdicts.has(name),
    }
  }

  /** What the last health check of one that is no longer on probation has found. */
  healthOf(group: GroupPlan, target: TargetPlan): TargetObservation['health'] {
    return this.#verdicts.get(checkedName(group, target))?.health ?? 'unknown'
  }

  /** How soon to look again, while one awaits its first passed check: the newest may pass it any moment. In seconds. */
  get patienceSeconds(): number | undefined {
    const newest = Math.max(...this.#since.values())
    if (newest === -Infinity) return undefined
    const known = (this.#clock.now().getTime() - newest) / 1000
    return Math.min(EAGER_LOOK_SECONDS, Math.max(HASTY_LOOK_SECONDS, known / 2))
  }

  /** Of which groups the next look is: all now and then, in between those that something is awaited of. */
  get scope(): Scope {
    const pending = this.#pending()
    return this.#looks++ % LOOKS_FOR_ALL === 0 || pending.size === 0 ? undefined : pending
  }

  #pending(): Set<string> {
    const waiting = [...this.#standing].flatMap(([name, standing]) => (standing === 'probation' ? [name] : []))
    return new Set([...this.#leaving, ...waiting].map(groupOf))
  }

  /** What is known of the targets of a HAProxy that somebody else has left. */
  async learn(): Promise<void> {
    for (const row of rows(await this.#process.ask(SHOW_TARGETS))) {
      const seen = targetOf(row)
      if (seen === undefined || isOpen(row)) continue
      // It drains, or nothing is known of it yet.
      const letIn = asLetIn(row)
      if (letIn === undefined) continue
      const name = `${row['pxname']}/${row['svname']}`
      this.#verdicts.set(name, letIn)
      this.#judge(name, row)
      this.#stands(name, 'judged')
    }
  }

  /** HAProxy has been loaded anew, and may hold other servers than before. */
  forgetServers(): void {
    this.#groups = undefined
  }

  async keep(groups: readonly GroupPlan[]): Promise<void> {
    const before = this.#groups
    const targets = new Map(groups.map((group) => [group.id, JSON.stringify(group)]))
    const changed = [...targets].flatMap(([id, text]) => (before?.get(id) === text ? [] : [id]))
    this.#wanted = new Map(
      groups.flatMap((group) =>
        group.targets.map(
          (target) => [checkedName(group, target), { group, target, twin: openName(group, target) }] as const,
        ),
      ),
    )
    for (const known of [this.#standing, this.#verdicts, this.#since])
      for (const name of known.keys()) if (!this.#wanted.has(name)) known.delete(name)
    const scope = before === undefined ? undefined : new Set([...changed, ...this.#pending()])
    if (scope?.size === 0) return
    this.#groups = undefined
    await this.look(rows(await this.#process.ask(question(scope))), scope)
    this.#groups = targets
  }

  /** True when a target's health is another than at the last look, or HAProxy has died. */
  async look(all: readonly Row[] | undefined, scope?: Scope): Promise<boolean> {
    if (all === undefined) return true
    const servers = new Map<string, Row>(
      all.flatMap((row) => (targetOf(row) === undefined ? [] : [[`${row['pxname']}/${row['svname']}`, row] as const])),
    )
    const ahead = new Set(all.flatMap((row) => (isFullyIn(row) ? [row['pxname']] : [])))
    const words: string[] = []
    const judgements: string[] = []
    const kept = new Set<string>()
    for (const [name, wanted] of this.#wanted) {
      kept.add(name).add(wanted.twin)
      if (scope?.has(wanted.group.id) === false) continue
      const row = servers.get(name)
      if (row === undefined) words.push(...this.#added(name, wanted))
      else if (this.#hadToGo(name, row, wanted)) judgements.push(`del server ${name}`, ...this.#added(name, wanted))
      else if (this.#standing.get(name) === 'probation' && !wanted.target.isDraining) {
        judgements.push(...this.#judged(name, row, wanted, ahead.has(backendOf(wanted.group.id))))
      } else words.push(...this.#settled(name, row, wanted))
      words.push(...this.#twin(name, servers.get(wanted.twin), wanted))
    }
    // One with connections cannot be made anew: it stays as it is, and serves, or is asked at its own pace.
    await complaints(this.#process.socket, judgements, this.#clock)
    await changes(this.#process.socket, words, this.#clock)
    const elsewhere = [...this.#leaving].filter((name) => scope?.has(groupOf(name)) === false)
    await this.#takeAway([...servers.keys()].filter((name) => !kept.has(name)))
    for (const name of elsewhere) this.#leaving.add(name)
    const isNews = this.#isNews
    this.#isNews = false
    return isNews
  }

  /**
   * The same with what is known from before HAProxy started, which has not asked all of them yet. Undefined for one that
   * is not wanted any more, and only stays until its last connection has been closed.
   */
  remembered(seen: TargetObservation, name: string): TargetObservation | undefined {
    if (this.#leaving.has(name)) return undefined
    return seen.health === 'unknown' ? { ...seen, ...this.#verdicts.get(name) } : seen
  }

  #judge(name: string, row: Row): void {
    const verdict = verdictOf(row)
    if (verdict.health === 'unknown') return
    this.#isNews ||= JSON.stringify(this.#verdicts.get(name)) !== JSON.stringify(verdict)
    this.#verdicts.set(name, verdict)
  }

  #stands(name: string, standing: Standing): void {
    this.#standing.set(name, standing)
    if (standing === 'probation') this.#since.set(name, this.#clock.now().getTime())
    else this.#since.delete(name)
  }

  /** It was to be taken away, and is wanted again before it has gone: nobody asks it any more. */
  #hadToGo(name: string, row: Row, { target }: Wanted): boolean {
    return isInMaintenance(row) && !target.isDraining && !this.#verdicts.has(name)
  }

  #added(name: string, { group, target }: Wanted): string[] {
    this.#stands(name, target.isDraining ? 'draining' : 'probation')
    return [
      `add server ${name} ${serverAddress(target)} ${(target.isDraining ? serverWords : probationWords)(group, target).join(' ')}`,
      `set server ${name} state drain`,
      `enable health ${name}`,
    ]
  }

  /**
   * AWS: one passed check makes a new target healthy; it is unhealthy when as many have failed as make a healthy one so.
   * Either way it is made anew, with the group's own checks.
   */
  #judged(name: string, row: Row, { group, target }: Wanted, hasOthers: boolean): string[] {
    const { health } = verdictOf(row)
    const { unhealthyThreshold, intervalSeconds } = group.healthCheck
    const endsAt = (this.#since.get(name) ?? 0) + unhealthyThreshold * intervalSeconds * 1000
    const isLate = this.#clock.now().getTime() >= endsAt
    if (health === 'unknown' || (health === 'unhealthy' && !isLate)) return []
    this.#judge(name, row)
    this.#stands(name, 'judged')
    const anew = [...serverWords(group, target), ...slowStart(group, hasOthers)].join(' ')
    return [
      `set server ${name} state maint`,
      `del server ${name}`,
      `add server ${name} ${serverAddress(target)} ${anew}`,
      ...cookieWords(group, backendOf(group.id)),
      `enable health ${name}`,
      ...this.#letIn(name),
    ]
  }

  /** From here on HAProxy's own checks decide; it takes for healthy what comes out of maintenance. */
  #letIn(name: string): string[] {
    const isUnhealthy = this.#verdicts.get(name)?.health === 'unhealthy'
    const down = [`set server ${name} state drain`, `set server ${name} health down`]
    return [...(isUnhealthy ? down : []), `set server ${name} state ready`]
  }

  #settled(name: string, row: Row, { target }: Wanted): string[] {
    const before = this.#standing.get(name)
    if (target.isDraining) {
      this.#stands(name, 'draining')
      return before === 'draining' ? [] : [`set server ${name} state drain`]
    }
    if (isOnProbation(row) || (isOut(row) && !this.#verdicts.has(name))) {
      this.#stands(name, 'probation')
      return []
    }
    this.#stands(name, 'judged')
    if (isOut(row)) return this.#letIn(name)
    this.#judge(name, row)
    return []
  }

  #twin(name: string, row: Row | undefined, { group, target, twin }: Wanted): string[] {
    const status = row?.['status'] ?? ''
    if (target.isDraining)
      return row === undefined || status.startsWith('DRAIN') ? [] : [`set server ${twin} state drain`]
    if (!this.#verdicts.has(name)) return []
    if (row !== undefined) return isOut(row) ? [`set server ${twin} state ready`] : []
    return [
      `add server ${twin} ${serverAddress(target)} ${openServerWords(group).join(' ')}`,
      ...cookieWords(group, openBackendOf(group.id)),
      `set server ${twin} state ready`,
    ]
  }

  /**
   * HAProxy keeps a server as long as a connection to it is open, also an idle one: the next look tries again. Requests that
   * it has not answered have until then: those that were on their way to a dead target are just being asked of another.
   */
  async #takeAway(names: readonly string[]): Promise<void> {
    const { socket } = this.#process
    const words = (name: string): string[] =>
      this.#leaving.has(name) ? [`shutdown sessions server ${name}`] : [`set server ${name} state maint`]
    await changes(socket, names.flatMap(words), this.#clock)
    // A complaint is about connections; what has really gone is not there at the next look.
    await complaints(
      socket,
      names.map((name) => `del server ${name}`),
      this.#clock,
    )
    this.#leaving = new Set(names)
  }
}
