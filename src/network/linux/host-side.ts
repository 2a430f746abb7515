// The host's end of every way out: links to routers, their addresses, routes to public addresses, one nft table.
// Callers see to it that only one call runs at a time.

import { Fault } from '#base/fault.ts'
import type { NamespaceHandle, NetworkKernel, Prefix } from '#linux/network-kernel.ts'
import { leaveDocker, passDocker } from './docker.ts'
import {
  addHostElement,
  deleteHostElement,
  deleteHostTable,
  hostRules,
  listedNames,
  type HostSet,
} from './host-filter.ts'
import { hostTable, ROUTER_UPLINK, uplink, uplinkPrefix } from './names.ts'
import { chosenTransit, transitOf, type Transit } from './transit.ts'

const MTU_BYTES = 1500
/** How often another instance may snatch the addresses just chosen. */
const TRANSIT_ATTEMPTS = 16

export interface HostSideOptions {
  readonly instance: string
  readonly kernel: NetworkKernel
  readonly egressAllowed: boolean
}

const pair = (address: string): Prefix => ({ address, length: 31 })
const single = (address: string): Prefix => ({ address, length: 32 })

const forwarding = (name: string): string => `ipv4/conf/${name}/forwarding`

/** The tables of all instances on this host. */
const tables = async (host: NamespaceHandle): Promise<string[]> =>
  [...(await host.filter('list tables ip')).matchAll(/^table ip (ng_[a-z0-9]+)$/gm)].map(([, name = '']) => name)

const guardedLinks = async (host: NamespaceHandle, table: string): Promise<string[]> =>
  listedNames(await host.filter(`list set ip ${table} guarded`))

export class HostSide {
  readonly #options: HostSideOptions
  readonly #table: string
  #handle: NamespaceHandle | undefined
  /** Public addresses with the VPC that each leads to. */
  readonly #public = new Map<string, string>()
  readonly #uplinks = new Map<string, Transit>()

  constructor(options: HostSideOptions) {
    this.#options = options
    this.#table = hostTable(options.instance)
  }

  /** Makes the host's end of a VPC's way out; the router's end is to get the transit's other address. */
  async connect(vpcId: string, routerNamespacePath: string): Promise<Transit> {
    const known = this.#uplinks.get(vpcId)
    if (known !== undefined) return known
    const host = await this.#open()
    const name = uplink(this.#options.instance, vpcId)
    // The table comes first and goes last: a link without it would lead anywhere.
    await host.filter(hostRules({ table: this.#table, egressAllowed: this.#options.egressAllowed }))
    if (!(await host.linkNames()).includes(name)) {
      const peer = { name: ROUTER_UPLINK, namespacePath: routerNamespacePath }
      await host.change([{ do: 'add-veth', name, peer, mtuBytes: MTU_BYTES }])
    }
    await host.set({ [`ipv6/conf/${name}/disable_ipv6`]: '1', [`ipv4/conf/${name}/send_redirects`]: '0' })
    const transit = await this.#address(host, name, `${this.#options.instance} ${vpcId}`)
    await host.change([{ do: 'set-up', name }])
    await this.#forward(host, name)
    await host.filter([this.#add('uplinks', name), this.#add('inside', transit.router)].join('\n'))
    await passDocker(uplinkPrefix(this.#options.instance))
    this.#uplinks.set(vpcId, transit)
    return transit
  }

  /** Removes a VPC's way out, if there is one, with the public addresses that may lead there. */
  async disconnect(vpcId: string, addresses: readonly string[]): Promise<void> {
    const name = uplink(this.#options.instance, vpcId)
    const host = await this.#open()
    if (!(await host.linkNames()).includes(name)) return
    const led = [...this.#public].flatMap(([address, owner]) => (owner === vpcId ? [address] : []))
    const own = [...new Set([...led, ...addresses.filter((address) => (this.#public.get(address) ?? vpcId) === vpcId)])]
    const there = (await host.addresses()).find((address) => address.name === name)
    const transit = there === undefined ? undefined : transitOf(there.address)
    await host.filter(
      [
        this.#delete('uplinks', name),
        ...(transit === undefined ? [] : [this.#delete('inside', transit.router)]),
        ...own.flatMap((address) => [this.#delete('inside', address), this.#delete('public', address)]),
      ].join('\n'),
    )
    // Takes the routes through it along.
    await host.change([{ do: 'delete-link', name }])
    this.#uplinks.delete(vpcId)
    for (const address of own) this.#public.delete(address)
  }

  /** Leads these public addresses, and no others, to a connected VPC. Fault "busy" when another VPC has one. */
  async setPublic(vpcId: string, addresses: readonly string[]): Promise<void> {
    const wanted = new Set(addresses)
    const gone = [...this.#public].filter(([address, owner]) => owner === vpcId && !wanted.has(address))
    const fresh = addresses.filter((address) => this.#public.get(address) !== vpcId)
    for (const address of fresh) {
      const owner = this.#public.get(address)
      if (owner !== undefined) throw new Fault('busy', `${address} leads to ${owner}`)
    }
    if (gone.length === 0 && fresh.length === 0) return
    const host = await this.#open()
    const name = uplink(this.#options.instance, vpcId)
    const via = this.#uplinks.get(vpcId)?.router
    await host.filter(
      [
        ...gone.flatMap(([address]) => [this.#delete('inside', address), this.#delete('public', address)]),
        ...fresh.flatMap((address) => [this.#add('inside', address), this.#add('public', address)]),
      ].join('\n'),
    )
    for (const [address] of gone) this.#public.delete(address)
    await host.change([
      ...gone.map(([address]) => ({ do: 'delete-route', to: single(address) }) as const),
      ...fresh.map(
        (address) => ({ do: 'add-route', to: single(address), name, ...(via === undefined ? {} : { via }) }) as const,
      ),
    ])
    for (const address of fresh) this.#public.set(address, vpcId)
  }

  /** Removes all that this instance, or a crashed one of the same name, has on the host. */
  async destroy(): Promise<void> {
    const host = await this.#open()
    const prefix = uplinkPrefix(this.#options.instance)
    const links = (await host.linkNames()).filter((name) => name.startsWith(prefix))
    await host.change(links.map((name) => ({ do: 'delete-link', name }) as const))
    if ((await tables(host)).includes(this.#table)) {
      await leaveDocker(prefix)
      const guarded = await guardedLinks(host, this.#table)
      await host.filter(deleteHostTable(this.#table))
      // Another instance may need it as much, and then undoes it.
      const others = new Set((await Promise.all((await tables(host)).map((table) => guardedLinks(host, table)))).flat())
      const off = guarded.filter((name) => !others.has(name))
      if ((await host.get('ipv4/ip_forward')) === '0')
        await host.set(Object.fromEntries(off.map((name) => [forwarding(name), '0'])))
    }
    this.close()
  }

  close(): void {
    this.#handle?.close()
    this.#handle = undefined
    this.#uplinks.clear()
    this.#public.clear()
  }

  /** The addresses of an uplink, chosen once and then read back from it. */
  async #address(host: NamespaceHandle, name: string, seed: string): Promise<Transit> {
    for (let attempt = 0; attempt < TRANSIT_ATTEMPTS; attempt++) {
      const all = await host.addresses()
      const there = all.find((address) => address.name === name)
      const others = all.filter((address) => address.name !== name).map(({ address }) => address)
      const transit = transitOf(there?.address ?? '') ?? chosenTransit(seed, others)
      if (there !== undefined && !others.includes(transit.host)) return transit
      // Two instances that chose at the same moment both give way, each to an address of its own.
      if (there !== undefined) {
        await host.change([{ do: 'delete-address', name, prefix: there }])
        seed = `${seed}+`
      } else {
        await host.change([{ do: 'add-address', name, prefix: pair(transit.host) }])
      }
    }
    throw new Fault('busy', `no transit addresses could be had for ${name}`)
  }

  /** Lets packets pass from the uplink to the ways out of this host and back, with no more switched on than that. */
  async #forward(host: NamespaceHandle, uplinkName: string): Promise<void> {
    if (!this.#options.egressAllowed) return
    await host.set({ [forwarding(uplinkName)]: '1' })
    if ((await host.get('ipv4/ip_forward')) === '1') {
      // Someone else made this host a router: what passes it otherwise is no matter of ours.
      await host.filter(`flush set ip ${this.#table} guarded`)
      return
    }
    const byOthers = new Set<string>()
    for (const table of await tables(host)) for (const name of await guardedLinks(host, table)) byOthers.add(name)
    for (const name of await host.defaultRouteLinks()) {
      if ((await host.get(forwarding(name))) === '1' && !byOthers.has(name)) continue
      await host.filter(this.#add('guarded', name))
      await host.set({ [forwarding(name)]: '1' })
    }
  }

  #add(set: HostSet, key: string): string {
    return addHostElement(this.#table, set, key)
  }

  #delete(set: HostSet, key: string): string {
    return deleteHostElement(this.#table, set, key)
  }

  async #open(): Promise<NamespaceHandle> {
    this.#handle ??= await this.#options.kernel.open()
    return this.#handle
  }
}
