// One VPC: a network namespace that routes between its tasks. Callers see to it that only one call runs at a time.

import { Fault, isFault } from '#base/fault.ts'
import type { LinkChange, NamespaceHandle, NetworkKernel, TrackedConnection } from '#linux/network-kernel.ts'
import { gatewayOf } from '../addresses.ts'
import type { InterfacePlan, RouteTarget, SubnetPlan, VpcPlan } from '../network.ts'
import { checkInterfacePlan } from '../plan-check.ts'
import { familyOf, holdsAddress, rangeOf } from '../ranges.ts'
import { ipv6ExposureOf } from '../routes.ts'
import * as filters from './filter.ts'
import { forwarderTable } from './forwarder-chains.ts'
import { countFor } from './flow-counts.ts'
import { furtherAddresses } from './further-addresses.ts'
import type { Exposed } from './host-side.ts'
import { taskLink } from './names.ts'
import { addressesOf, EVERYWHERE, single } from './prefixes.ts'
import { addressRouter, connectUplink, hasIpv6 } from './router-places.ts'
import { IPV6_ON, IPV6_ROUTER, NO_IPV6, ROUTER_SETTINGS } from './router-settings.ts'
import { connectTask } from './task-link.ts'
import {
  elementChanges,
  GENERATION_QUERY,
  TABLE,
  loadedGeneration,
  mayCut,
  nextGeneration,
  rewrite,
  transition,
} from './transition.ts'
import type { Transit } from './transit.ts'

/** So many addresses share one look through the kernel's connections, unless one of them is wanted again before. */
const FORMER_ADDRESSES = 256

/** Who began it, and who answers. */
const endsOf = ({ original, reply }: TrackedConnection): string[] => [original.source, reply.source]

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export interface RouterOptions {
  readonly kernel: NetworkKernel
  readonly namespacePath: string
  /** Where the namespace of an interface is pinned. */
  readonly interfacePath: (id: string) => string
  readonly egressAllowed: boolean
  readonly plan: VpcPlan
  /** What a crashed server had attached. */
  readonly interfaces: readonly InterfacePlan[]
}

export class Router {
  readonly #options: RouterOptions
  #plan: VpcPlan
  #handle: NamespaceHandle | undefined
  /** What is in the kernel; undefined while that is not known. */
  #loaded: filters.Filter | undefined
  /** The blocks and gateways that this process has seen to. */
  #places: string | undefined
  /** What this process has had counted, as text. */
  #counted: string | undefined
  /** What should be in the kernel. */
  #wanted: filters.Filter
  /** Interfaces whose links this process has seen to. */
  readonly #attached = new Set<string>()
  /** The further addresses of interfaces that this process has seen to. */
  readonly #further = new Map<string, readonly string[]>()
  /** Addresses of interfaces that went, whose connections the kernel still remembers. */
  readonly #former = new Set<string>()
  /** How many routing tables this process has seen to. */
  #forwarders = 0

  constructor(options: RouterOptions) {
    this.#options = options
    this.#plan = options.plan
    this.#wanted = this.#filterOf(options.plan, options.interfaces)
  }

  get plan(): VpcPlan {
    return this.#plan
  }

  /** False after a restart: what is in the kernel may be half done. */
  get isApplied(): boolean {
    return this.#handle !== undefined
  }

  /** Open once applied. */
  get handle(): NamespaceHandle {
    if (this.#handle === undefined) throw new Fault('not-found', `${this.#plan.id} has no router`)
    return this.#handle
  }

  get interfaces(): InterfacePlan[] {
    return [...this.#wanted.entries.values()].map(({ plan }) => plan)
  }

  /** Fault "invalid" when an interface would lose its subnet or one of its groups. */
  check(plan: VpcPlan): void {
    const { cidrs, subnets, securityGroups } = this.#plan
    const groups = new Set(plan.securityGroups.map(({ id }) => id))
    const isWider = securityGroups.every(({ id }) => groups.has(id))
    // Only what is taken away could hurt an interface that fitted before.
    if (isWider && isSame([cidrs, subnets], [plan.cidrs, plan.subnets])) return
    for (const other of this.interfaces) checkInterfacePlan(other, plan)
  }

  /** Makes the router as `plan` says. A crash anywhere is repaired by calling it again. */
  async apply(plan: VpcPlan): Promise<void> {
    if (await this.#options.kernel.createNamespace(this.#options.namespacePath, ROUTER_SETTINGS)) {
      // What was known is about another namespace, which someone took away.
      this.close()
      this.#attached.clear()
      this.#further.clear()
      this.#former.clear()
    } else if (this.#handle === undefined) {
      this.#handle = await this.#options.kernel.open(this.#options.namespacePath)
      await this.#forgetStrangers()
    }
    this.#handle ??= await this.#options.kernel.open(this.#options.namespacePath)
    if (!isSame(plan, this.#plan)) {
      // What an interface adds follows from its subnet only: a change of rules leaves it as it is.
      const decisive = ({ subnets, ipv6Cidrs, forwarders }: VpcPlan): unknown => [subnets, ipv6Cidrs, forwarders]
      const { entries } = isSame(decisive(plan), decisive(this.#plan))
        ? this.#wanted
        : this.#filterOf(plan, this.interfaces)
      this.#wanted = { ...filters.filterOf(plan, this.#options.egressAllowed), entries }
      this.#plan = plan
    }
    // Rules first: a router without them forwards everything.
    await this.#load()
    const counted = JSON.stringify(plan.flowLogs ?? null)
    if (this.#counted !== counted) await countFor(this.handle, plan.flowLogs)
    this.#counted = counted
    await this.#leadToForwarders()
    const places = JSON.stringify([plan.cidrs, plan.ipv6Cidrs, plan.subnets.map(gatewayOf)])
    if (this.#places === places) return
    if (hasIpv6(plan)) await this.handle.set(IPV6_ROUTER)
    await addressRouter(this.handle, plan)
    this.#places = places
  }

  /** Ties the namespace of an interface to the router. */
  async attach(plan: InterfacePlan): Promise<void> {
    // Its heir must not inherit what others may send it.
    if (addressesOf(plan).some((address) => this.#former.has(address))) await this.#forgetFormer()
    if (!this.#attached.has(plan.id)) {
      const path = this.#options.interfacePath(plan.id)
      await this.#options.kernel.createNamespace(path, plan.ipv6Address === undefined ? NO_IPV6 : IPV6_ON)
      const task = await this.#options.kernel.open(path)
      try {
        await connectTask({ router: this.handle, task, path }, plan, this.#subnetOf(plan))
      } finally {
        task.close()
      }
      this.#attached.add(plan.id)
    }
    await this.#put(plan)
    await this.#carry(plan)
    if (this.#isForwarder(plan.id)) await this.#leadToForwarders()
  }

  /** Other groups, another public address or other further addresses for an interface. */
  async update(plan: InterfacePlan): Promise<void> {
    if ((plan.secondaryIps ?? []).some((address) => this.#former.has(address))) await this.#forgetFormer()
    await this.#put(plan)
    await this.#carry(plan)
  }

  /** Brings an interface's further addresses into its namespace and out of it; the filter knows them by now. */
  async #carry(plan: InterfacePlan): Promise<void> {
    const [there, wanted] = [this.#further.get(plan.id) ?? [], plan.secondaryIps ?? []]
    if (isSame(there, wanted)) return
    const moves = furtherAddresses(plan, there)
    const task = await this.#options.kernel.open(this.#options.interfacePath(plan.id))
    try {
      await this.handle.change(moves.ofRouter)
      await task.change(moves.ofTask)
    } finally {
      task.close()
    }
    for (const gone of moves.gone) this.#former.add(gone)
    this.#further.set(plan.id, wanted)
  }

  /** Cuts an interface off: no packet passes once this resolves, whatever still lives in its namespace. */
  async detach(plan: InterfacePlan): Promise<void> {
    this.#wanted = filters.withoutEntry(this.#wanted, plan.id)
    await this.#load()
    // Established flows pass the filter but not this: no way to it, and strict rp_filter refuses what comes from it.
    const there = addressesOf(plan)
    await this.handle.change(there.map((address) => ({ do: 'delete-route', to: single(address) }) as const))
    for (const address of there) this.#former.add(address)
    if (this.#former.size >= FORMER_ADDRESSES) await this.#forgetFormer()
    this.#attached.delete(plan.id)
    this.#further.delete(plan.id)
    if (this.#isForwarder(plan.id)) await this.#leadToForwarders()
  }

  #isForwarder(interfaceId: string): boolean {
    return (this.#plan.forwarders ?? []).some(({ id }) => id === interfaceId)
  }

  /** A routing table for each: to it while it is attached, else to nowhere else than without. */
  async #leadToForwarders(): Promise<void> {
    const { forwarders = [] } = this.#plan
    const count = Math.max(forwarders.length, this.#forwarders)
    if (count === 0) return
    const links = new Set(await this.handle.linkNames())
    const led = forwarders.map(({ id }) => this.#wanted.entries.has(id) && links.has(taskLink(id)))
    // Between one and the other, packets go to the uplink's side and are dropped: no gateway expects them.
    await this.handle.change([
      ...Array.from({ length: count }, (_, at): LinkChange => {
        return { do: 'delete-route', to: EVERYWHERE, table: forwarderTable(at) }
      }),
      ...forwarders.flatMap(({ id, privateIp }, at): LinkChange[] => {
        const table = forwarderTable(at)
        const route = { do: 'add-route', to: EVERYWHERE, name: taskLink(id), via: privateIp, table } as const
        return [{ do: 'add-rule', mark: table, table }, ...(led[at] === true ? [route] : [])]
      }),
    ])
    // Answers of the outside come back by its link. Every other link has the setting of its own, by default.
    const unfiltered = forwarders.filter((_, at) => led[at]).map(({ id }) => `ipv4/conf/${taskLink(id)}/rp_filter`)
    await this.handle.set(Object.fromEntries(['ipv4/conf/all/rp_filter', ...unfiltered].map((name) => [name, '0'])))
    this.#forwarders = forwarders.length
  }

  async #forgetFormer(): Promise<void> {
    await this.handle.forgetConnections((one) => endsOf(one).some((address) => this.#former.has(address)))
    this.#former.clear()
  }

  /** After a restart nobody knows whose addresses were in use: all that are not any more are forgotten. */
  async #forgetStrangers(): Promise<void> {
    const inside = [...this.#plan.cidrs, ...(this.#plan.ipv6Cidrs ?? [])].map(rangeOf)
    const known = new Set(this.interfaces.flatMap(addressesOf))
    const isStranger = (text: string): boolean => !known.has(text) && inside.some((outer) => holdsAddress(outer, text))
    await this.handle.forgetConnections((one) => endsOf(one).some(isStranger))
  }

  /** Cuts all interfaces off, whatever keeps the namespace alive after its removal. */
  async cut(): Promise<void> {
    const { kernel, namespacePath } = this.#options
    try {
      this.#handle ??= await kernel.open(namespacePath)
    } catch (error) {
      if (isFault(error, 'not-found')) return
      throw error
    }
    const generation = nextGeneration(await this.#loadedGeneration())
    await this.#handle.filter(rewrite({ ...this.#wanted, generation, entries: new Map() }))
    await this.#handle.change(
      this.interfaces.flatMap(addressesOf).map((address) => ({ do: 'delete-route', to: single(address) }) as const),
    )
  }

  close(): void {
    this.#handle?.close()
    this.#handle = undefined
    this.#loaded = undefined
    this.#places = undefined
    this.#counted = undefined
  }

  #filterOf(plan: VpcPlan, interfaces: readonly InterfacePlan[]): filters.Filter {
    const entries = interfaces.map((other) => filters.entryOf(plan, other, this.#options.egressAllowed))
    return {
      ...filters.filterOf(plan, this.#options.egressAllowed),
      entries: new Map(entries.map((entry) => [entry.plan.id, entry])),
    }
  }

  async #put(plan: InterfacePlan): Promise<void> {
    this.#wanted = filters.withEntry(this.#wanted, filters.entryOf(this.#plan, plan, this.#options.egressAllowed))
    await this.#load()
  }

  /** Brings the kernel's filter to what is wanted, in one transaction. */
  async #load(): Promise<void> {
    const before = this.#loaded
    const generation = before?.generation ?? (await this.#loadedGeneration())
    const moves = before === undefined || mayCut(before, this.#wanted)
    const wanted = { ...this.#wanted, generation: moves ? nextGeneration(generation) : generation }
    // Should it fail half known, the next call writes everything anew.
    this.#loaded = undefined
    const elements = before === undefined ? undefined : elementChanges(before, wanted)
    if (elements === undefined)
      await this.handle.filter(before === undefined ? rewrite(wanted) : transition(before, wanted))
    else if (elements.length > 0) await this.handle.changeElements(TABLE, elements)
    this.#loaded = wanted
  }

  /** Of the rules that another server left in the kernel; 0 where there are none. */
  async #loadedGeneration(): Promise<number> {
    if (!/^table inet vpc$/m.test(await this.handle.filter('list tables'))) return 0
    return loadedGeneration(await this.handle.filter(GENERATION_QUERY))
  }

  #subnetOf({ subnetId }: InterfacePlan): SubnetPlan {
    const subnet = this.#plan.subnets.find(({ id }) => id === subnetId)
    if (subnet === undefined) throw new Error(`${subnetId} passed the check and is gone`)
    return subnet
  }

  /** Whether anything of this VPC may reach, or be reached from, the outside. */
  get wantsUplink(): boolean {
    const targets = new Set(this.#plan.subnets.flatMap(({ routes }) => routes.map(({ target }) => target)))
    const usesNat = (this.#plan.natGateways ?? []).some(({ id }) => targets.has(id as RouteTarget))
    const usesOutside = usesNat || targets.has('egress-only-internet-gateway')
    return targets.has('internet-gateway') || (usesOutside && this.#options.egressAllowed)
  }

  /** What leads here from outside, to interfaces and to NAT gateways. */
  get exposed(): Exposed[] {
    const entries = [...this.#wanted.entries.values()]
    return [
      ...entries.flatMap(({ publicIp }) => publicIp ?? []).map((address) => ({ address, isOpen: true })),
      ...entries.flatMap(({ plan }) => {
        const exposure = plan.ipv6Address === undefined ? undefined : ipv6ExposureOf(this.#plan, plan)
        const own = addressesOf(plan).filter((address) => familyOf(address) === 'ip6')
        return exposure === undefined ? [] : own.map((address) => ({ address, isOpen: exposure === 'open' }))
      }),
      ...(this.#plan.natGateways ?? []).map(({ publicIp }) => ({ address: publicIp, isOpen: true })),
    ]
  }

  /** The router's end of the link to the host; the host's end is there already. */
  useUplink(transit: Transit): Promise<void> {
    return connectUplink(this.handle, this.#plan, transit)
  }
}
