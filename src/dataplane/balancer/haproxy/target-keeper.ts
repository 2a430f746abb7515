// Keeps a running HAProxy's targets as its plan says: a new one gets no request before its first health check has passed,
// a draining one no new ones, and one that the plan does not name goes as soon as HAProxy lets it go.

import type { Clock } from '#base/clock.ts'
import type { GroupPlan, TargetPlan } from '../balancer.ts'
import { backendOf } from './actions.ts'
import { serverAddress, serverName, serverWords } from './backend.ts'
import { changes, command } from './command-socket.ts'
import type { HaproxyProcess } from './process.ts'
import { type Row, rows, targetOf } from './statistics.ts'

type Standing = 'waiting' | 'serving' | 'draining'

const nameOf = (group: GroupPlan, target: TargetPlan): string => `${backendOf(group.id)}/${serverName(target)}`

export class TargetKeeper {
  readonly #process: HaproxyProcess
  readonly #clock: Clock
  /** By "backend/server". */
  #standing = new Map<string, Standing>()
  #wanted = new Map<string, { readonly group: GroupPlan; readonly target: TargetPlan }>()
  #last = ''

  constructor(process: HaproxyProcess, clock: Clock) {
    this.#process = process
    this.#clock = clock
  }

  /** Targets that have been found healthy: they serve at once after a start. */
  get known(): ReadonlySet<string> {
    return new Set([...this.#standing].flatMap(([name, standing]) => (standing === 'serving' ? [name] : [])))
  }

  get isWaiting(): boolean {
    return [...this.#standing.values()].includes('waiting')
  }

  async keep(groups: readonly GroupPlan[]): Promise<void> {
    this.#wanted = new Map(
      groups.flatMap((group) => group.targets.map((target) => [nameOf(group, target), { group, target }] as const)),
    )
    await this.look(rows(await this.#process.ask('show stat')))
  }

  /** True when a target's health is another than at the last look, or HAProxy has died. */
  async look(all: readonly Row[] | undefined): Promise<boolean> {
    if (all === undefined) return true
    const servers = new Map<string, Row>(
      all.flatMap((row) => (targetOf(row) === undefined ? [] : [[`${row['pxname']}/${row['svname']}`, row] as const])),
    )
    for (const [name, { group, target }] of this.#wanted) {
      const row = servers.get(name)
      if (row === undefined) await this.#add(name, group, target)
      else await this.#settle(name, row, target)
    }
    for (const name of servers.keys()) if (!this.#wanted.has(name)) await this.#takeAway(name)
    for (const name of this.#standing.keys())
      if (!servers.has(name) && !this.#wanted.has(name)) this.#standing.delete(name)
    const health = [...servers].map(([name, row]) => `${name} ${targetOf(row)?.health}`).join()
    const isNews = health !== this.#last
    this.#last = health
    return isNews
  }

  async #add(name: string, group: GroupPlan, target: TargetPlan): Promise<void> {
    const add = `add server ${name} ${serverAddress(target)} ${serverWords(group).join(' ')}`
    await changes(this.#process.socket, [add, `set server ${name} state drain`, `enable health ${name}`], this.#clock)
    this.#standing.set(name, target.isDraining ? 'draining' : 'waiting')
  }

  async #settle(name: string, row: Row, target: TargetPlan): Promise<void> {
    const status = row['status'] ?? ''
    const before = this.#standing.get(name)
    if (target.isDraining) {
      if (before !== 'draining') await changes(this.#process.socket, [`set server ${name} state drain`], this.#clock)
      this.#standing.set(name, 'draining')
      return
    }
    const isOut = status.startsWith('DRAIN') || status.startsWith('MAINT')
    if (status.startsWith('MAINT')) {
      // As the configuration begins with targets of which nothing is known.
      await changes(this.#process.socket, [`set server ${name} state drain`], this.#clock)
    }
    if (targetOf(row)?.health === 'healthy' && (isOut || before === 'waiting')) {
      await changes(this.#process.socket, [`set server ${name} state ready`], this.#clock)
      this.#standing.set(name, 'serving')
    } else if (isOut || (before === undefined && targetOf(row)?.health !== 'healthy'))
      this.#standing.set(name, 'waiting')
    else if (before === undefined) this.#standing.set(name, 'serving')
  }

  /** HAProxy keeps a server as long as a connection to it is open, also an idle one: the next look tries again. */
  async #takeAway(name: string): Promise<void> {
    const { socket } = this.#process
    await changes(socket, [`set server ${name} state maint`], this.#clock)
    await command(socket, `shutdown sessions server ${name}`, this.#clock)
    const answer = await command(socket, `del server ${name}`, this.#clock)
    if (/deleted/.test(answer)) this.#standing.delete(name)
    else this.#standing.set(name, 'waiting')
  }
}
