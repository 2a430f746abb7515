// The host's end of every way out: links to routers, their addresses, routes to public addresses, one nft table.
// Callers see to it that only one call runs at a time.

import { Fault } from '#base/fault.ts'
import type { NamespaceHandle, NetworkKernel, Prefix } from '#linux/network-kernel.ts'
import { leaveDocker, passDocker } from './docker.ts'
import { familyOf } from '../ranges.ts'
import { addHostElement, deleteHostElement, deleteHostTable, hostRules, type HostSet } from './host-filter.ts'
import { forwardedFor, forwardFrom, instanceTables, stopForwarding } from './host-forwarding.ts'
import { hostTable, ROUTER_UPLINK, uplink, uplinkPrefix } from './names.ts'
import { chosenTransit, ipv6Transit, transitOf, type Transit } from './transit.ts'

const MTU_BYTES = 1500
/** How often another instance may snatch the addresses just chosen. */
const TRANSIT_ATTEMPTS = 16

export interface HostSideOptions {
  readonly instance: string
  readonly kernel: NetworkKernel
  readonly egressAllowed: boolean
}

const pair = (address: string): Prefix => ({ address, length: familyOf(address) === 'ip' ? 31 : 127 })
const single = (address: string): Prefix => ({ address, length: familyOf(address) === 'ip' ? 32 : 128 })

const FAMILIES = ['ip', 'ip6'] as const
/** Nobody else is on the link: there is nothing to wait for, to learn or to announce. */
const ipv6Settings = (name: string): Record<string, string> => ({
  [`ipv6/conf/${name}/accept_ra`]: '0',
  [`ipv6/conf/${name}/accept_dad`]: '0',
  [`ipv6/conf/${name}/disable_ipv6`]: '0',
})

/** What the outside knows of a VPC: an address, and whether anyone may begin to talk to it. */
export interface Exposed {
  readonly address: string
  readonly isOpen: boolean
}

interface Led extends Exposed {
  readonly vpcId: string
}

export class HostSide {
  readonly #options: HostSideOptions
  readonly #table: string
  #handle: NamespaceHandle | undefined
  /** What leads to which VPC. */
  readonly #exposed = new Map<string, Led>()
  readonly #uplinks = new Map<string, Transit>()
  /** VPCs whose uplink carries IPv6. */
  readonly #ipv6 = new Set<string>()

  constructor(options: HostSideOptions) {
    this.#options = options
    this.#table = hostTable(options.instance)
  }

  /** Makes the host's end of a VPC's way out; the router's end is to get the transit's other address. */
  async connect(vpcId: string, routerNamespacePath: string, withIpv6: boolean): Promise<Transit> {
    const known = this.#uplinks.get(vpcId)
    if (known !== undefined && (!withIpv6 || this.#ipv6.has(vpcId))) return known
    const host = await this.#open()
    const name = uplink(this.#options.instance, vpcId)
    // The table comes first and goes last: a link without it would lead anywhere.
    const { egressAllowed } = this.#options
    const families = withIpv6 ? FAMILIES : (['ip'] as const)
    for (const family of families) {
      await host.filter(hostRules(family, { table: this.#table, egressAllowed }))
      await host.filter(this.#addLink(family, name))
    }
    if (!(await host.linkNames()).includes(name)) {
      const peer = { name: ROUTER_UPLINK, namespacePath: routerNamespacePath }
      await host.change([{ do: 'add-veth', name, peer, mtuBytes: MTU_BYTES }])
    }
    await host.set({
      [`ipv4/conf/${name}/send_redirects`]: '0',
      ...(withIpv6 ? ipv6Settings(name) : { [`ipv6/conf/${name}/disable_ipv6`]: '1' }),
    })
    const transit = await this.#address(host, name, `${this.#options.instance} ${vpcId}`)
    await host.change([{ do: 'set-up', name }])
    if (withIpv6) await host.change([{ do: 'add-address', name, prefix: pair(ipv6Transit(transit.host)) }])
    for (const family of families) {
      const router = family === 'ip' ? transit.router : ipv6Transit(transit.router)
      await host.filter(this.#add('inside', router))
      if (egressAllowed) await forwardFrom(host, family, this.#table, name)
    }
    if (withIpv6) this.#ipv6.add(vpcId)
    await passDocker(uplinkPrefix(this.#options.instance))
    this.#uplinks.set(vpcId, transit)
    return transit
  }

  /** Removes a VPC's way out, if there is one, with the public addresses that may lead there. */
  async disconnect(vpcId: string, addresses: readonly string[]): Promise<void> {
    const name = uplink(this.#options.instance, vpcId)
    const host = await this.#open()
    if (!(await host.linkNames()).includes(name)) return
    const led = [...this.#exposed.values()].flatMap((one) => (one.vpcId === vpcId ? [one.address] : []))
    const isOwn = (address: string): boolean => (this.#exposed.get(address)?.vpcId ?? vpcId) === vpcId
    const own = [...new Set([...led, ...addresses.filter(isOwn)])]
    const hasIpv6 = (await instanceTables(host, 'ip6')).includes(this.#table)
    const there = (await host.addresses()).find((address) => address.name === name)
    const transit = there === undefined ? undefined : transitOf(there.address)
    await host.filter(
      [
        this.#deleteLink('ip', name),
        ...(hasIpv6 ? [this.#deleteLink('ip6', name)] : []),
        ...(transit === undefined ? [] : [transit.router, ...(hasIpv6 ? [ipv6Transit(transit.router)] : [])]).map(
          (address) => this.#delete('inside', address),
        ),
        ...own
          .filter((address) => hasIpv6 || familyOf(address) === 'ip')
          .flatMap((address) => [this.#delete('inside', address), this.#delete('public', address)]),
      ].join('\n'),
    )
    // Takes the routes through it along.
    await host.change([{ do: 'delete-link', name }])
    this.#uplinks.delete(vpcId)
    this.#ipv6.delete(vpcId)
    for (const address of own) this.#exposed.delete(address)
  }

  /** Leads these addresses, and no others, to a connected VPC. Fault "busy" when another VPC has one. */
  async setExposed(vpcId: string, exposed: readonly Exposed[]): Promise<void> {
    const wanted = new Map(exposed.map((one) => [one.address, one]))
    const gone = [...this.#exposed.values()].filter(
      (one) => one.vpcId === vpcId && wanted.get(one.address)?.isOpen !== one.isOpen,
    )
    const fresh = exposed.filter(({ address, isOpen }) => {
      const led = this.#exposed.get(address)
      return led?.vpcId !== vpcId || led.isOpen !== isOpen
    })
    for (const { address } of fresh) {
      const owner = this.#exposed.get(address)?.vpcId ?? vpcId
      if (owner !== vpcId) throw new Fault('busy', `${address} leads to ${owner}`)
    }
    if (gone.length === 0 && fresh.length === 0) return
    const host = await this.#open()
    const name = uplink(this.#options.instance, vpcId)
    const via = this.#uplinks.get(vpcId)?.router
    await host.filter(
      [
        ...gone.flatMap(({ address }) => [this.#delete('inside', address), this.#delete('public', address)]),
        ...fresh.flatMap(({ address, isOpen }) => [
          this.#add('inside', address),
          ...(isOpen ? [this.#add('public', address)] : []),
        ]),
      ].join('\n'),
    )
    for (const { address } of gone) this.#exposed.delete(address)
    await host.change([
      ...gone.map(({ address }) => ({ do: 'delete-route', to: single(address) }) as const),
      ...fresh.map(({ address }) => {
        const towards = via === undefined || familyOf(address) === 'ip' ? via : ipv6Transit(via)
        return {
          do: 'add-route',
          to: single(address),
          name,
          ...(towards === undefined ? {} : { via: towards }),
        } as const
      }),
    ])
    for (const one of fresh) this.#exposed.set(one.address, { ...one, vpcId })
  }

  /** Removes all that this instance, or a crashed one of the same name, has on the host. */
  async destroy(): Promise<void> {
    const host = await this.#open()
    const prefix = uplinkPrefix(this.#options.instance)
    const links = (await host.linkNames()).filter((name) => name.startsWith(prefix))
    await host.change(links.map((name) => ({ do: 'delete-link', name }) as const))
    for (const family of FAMILIES) {
      if (!(await instanceTables(host, family)).includes(this.#table)) continue
      if (family === 'ip') await leaveDocker(prefix)
      const forwarded = await forwardedFor(host, family, this.#table)
      await host.filter(deleteHostTable(family, this.#table))
      await stopForwarding(host, family, forwarded)
    }
    this.close()
  }

  close(): void {
    this.#handle?.close()
    this.#handle = undefined
    this.#uplinks.clear()
    this.#ipv6.clear()
    this.#exposed.clear()
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

  #add(set: HostSet, address: string): string {
    return addHostElement(familyOf(address), this.#table, set, address)
  }

  #delete(set: HostSet, address: string): string {
    return deleteHostElement(familyOf(address), this.#table, set, address)
  }

  #addLink(family: 'ip' | 'ip6', name: string): string {
    return addHostElement(family, this.#table, 'uplinks', name)
  }

  #deleteLink(family: 'ip' | 'ip6', name: string): string {
    return deleteHostElement(family, this.#table, 'uplinks', name)
  }

  async #open(): Promise<NamespaceHandle> {
    this.#handle ??= await this.#options.kernel.open()
    return this.#handle
  }
}
