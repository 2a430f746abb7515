// The flows of datagrams through one load balancer: its rules in the kernel, in the namespaces of its doors, where they go
// on without us; the flows that must find another target; and how many each target has.

import { statSync } from 'node:fs'
import type { Clock } from '#base/clock.ts'
import type { NamespaceHandle, NetworkKernel, TrackedConnection } from '#linux/network-kernel.ts'
import { isPinned } from '#linux/network-namespace.ts'
import type { DatagramCounters, DoorPlan, TargetPlan } from '../balancer.ts'
import { FLOW_COUNT_SECONDS, FLOW_IDLE_SECONDS } from '../limits.ts'
import {
  type Carried,
  type CarriedGroup,
  carryingRules,
  countsOf,
  LIST_COUNTS,
  RESET_COUNTS,
  WITHDRAWAL,
} from './ruleset.ts'

const UDP = 17

/** Of this namespace alone: the host's are not touched. */
const SETTINGS: Readonly<Record<string, string>> = {
  'ipv4/ip_forward': '1',
  'netfilter/nf_conntrack_udp_timeout': `${FLOW_IDLE_SECONDS}`,
  'netfilter/nf_conntrack_udp_timeout_stream': `${FLOW_IDLE_SECONDS}`,
}

/** What the kernel was told. */
export interface CarryingRecord {
  readonly doors: readonly DoorPlan[]
  readonly listeners: readonly Carried[]
}

export interface DatagramFlowsOptions {
  readonly kernel: NetworkKernel
  readonly clock: Clock
  /** Outlives this process; undefined where there is nothing. */
  readonly record: { read(): CarryingRecord | undefined; write(record: CarryingRecord | undefined): void }
}

const nameOf = ({ address, port }: Pick<TargetPlan, 'address' | 'port'>): string => `${address}:${port}`
const targetsOf = ({ open, draining }: CarriedGroup): string[] => [...open, ...draining].map(nameOf)
/** Who answers: the target, or the door itself where nothing was replaced. */
const answererOf = ({ reply }: TrackedConnection): string => nameOf({ address: reply.source, port: reply.sourcePort })

/** Begun by a client at that door: those that must end, so that their next datagram finds another target. */
const isStale = (flow: TrackedConnection, door: DoorPlan, listeners: readonly Carried[]): boolean => {
  const { destination, destinationPort } = flow.original
  if (flow.protocol !== UDP || destination !== door.address) return false
  const listener = listeners.find(({ port }) => port === destinationPort)
  // What came before there was a listener has gone to nobody since, and would forever.
  if (listener !== undefined) return !listener.groups.some((group) => targetsOf(group).includes(answererOf(flow)))
  return flow.reply.source !== door.address
}

export class DatagramFlows {
  readonly #options: DatagramFlowsOptions
  #recorded: CarryingRecord | undefined
  #hasRead = false
  /** What the kernel holds as text; undefined where that is not certain. */
  #held: string | undefined
  #counted: { readonly at: number; readonly flows: readonly TrackedConnection[] } | undefined

  constructor(options: DatagramFlowsOptions) {
    this.#options = options
  }

  async keep(doors: readonly DoorPlan[], listeners: readonly Carried[]): Promise<void> {
    if (listeners.length === 0) return this.withdraw()
    // Another namespace under the same name begins with nothing; one that is not there yet, once it is.
    const places = doors.map((door) => ({
      ...door,
      number: statSync(door.namespacePath, { throwIfNoEntry: false })?.ino,
    }))
    const held = JSON.stringify([places, listeners])
    if (held === this.#held) return
    this.#held = undefined
    const left = (this.#record?.doors ?? []).filter(
      (before) => !doors.some(({ namespacePath }) => namespacePath === before.namespacePath),
    )
    this.#record = { doors, listeners }
    for (const door of left) await this.#within(door, (handle) => handle.filter(WITHDRAWAL))
    for (const door of doors) {
      await this.#within(door, async (handle) => {
        await handle.filter(carryingRules(door.address, listeners))
        await handle.set(SETTINGS)
        await handle.forgetConnections((flow) => isStale(flow, door, listeners))
      })
    }
    this.#counted = undefined
    this.#held = held
  }

  /** Does nothing when nothing is carried. */
  async withdraw(): Promise<void> {
    const { doors = [] } = this.#record ?? {}
    if (doors.length === 0) return
    this.#held = undefined
    for (const door of doors) {
      await this.#within(door, async (handle) => {
        await handle.filter(WITHDRAWAL)
        await handle.set({ 'ipv4/ip_forward': '0' })
      })
    }
    this.#record = undefined
  }

  /** Of a target in a group: flows that it had up to a second ago. */
  async sessions(): Promise<(groupId: string, target: Pick<TargetPlan, 'address' | 'port'>) => number> {
    const { listeners = [] } = this.#record ?? {}
    const counts = new Map<string, number>()
    for (const flow of await this.#flows()) {
      const { groups = [] } = listeners.find(({ port }) => port === flow.original.destinationPort) ?? {}
      const name = answererOf(flow)
      for (const group of groups.filter((one) => targetsOf(one).includes(name))) {
        const key = `${group.id} ${name}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    return (groupId, target) => counts.get(`${groupId} ${nameOf(target)}`) ?? 0
  }

  /** Of each door; undefined while nothing is carried. */
  async counters(): Promise<DatagramCounters[] | undefined> {
    const { doors } = this.#record ?? {}
    if (doors === undefined) return undefined
    const flows = await this.#flows()
    return Promise.all(
      doors.map(async ({ address, namespacePath }, door) => {
        const listed = await this.#within({ address, namespacePath }, (handle) => handle.filter(LIST_COUNTS))
        const activeFlows = flows.filter(({ original }) => original.destination === address).length
        return { door, activeFlows, ...countsOf(listed ?? '') }
      }),
    )
  }

  /** From now on. */
  async countAnew(): Promise<void> {
    for (const door of this.#record?.doors ?? []) await this.#within(door, (handle) => handle.filter(RESET_COUNTS))
  }

  get #record(): CarryingRecord | undefined {
    if (!this.#hasRead) this.#recorded = this.#options.record.read()
    this.#hasRead = true
    return this.#recorded
  }

  /** Written down before the kernel is told, and gone after it has forgotten. */
  set #record(record: CarryingRecord | undefined) {
    this.#options.record.write(record)
    this.#recorded = record
    this.#hasRead = true
  }

  /** Of clients, with a target. */
  async #flows(): Promise<readonly TrackedConnection[]> {
    const now = this.#options.clock.now().getTime()
    if (this.#counted !== undefined && now - this.#counted.at < FLOW_COUNT_SECONDS * 1000) return this.#counted.flows
    const flows: TrackedConnection[] = []
    for (const door of this.#record?.doors ?? []) {
      const all = (await this.#within(door, (handle) => handle.connections())) ?? []
      for (const flow of all) {
        if (flow.protocol !== UDP || flow.original.destination !== door.address) continue
        if (flow.reply.source !== door.address) flows.push(flow)
      }
    }
    this.#counted = { at: now, flows }
    return flows
  }

  /** Undefined when the door is gone: with its namespace everything went that was in it. */
  async #within<T>(door: DoorPlan, work: (handle: NamespaceHandle) => Promise<T>): Promise<T | undefined> {
    if (!isPinned(door.namespacePath)) return undefined
    const handle = await this.#options.kernel.open(door.namespacePath)
    try {
      return await work(handle)
    } finally {
      handle.close()
    }
  }
}
