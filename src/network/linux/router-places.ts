// Where a VPC's router stands: the addresses that it answers under, what it drops, and its end of the link to the host.

import type { LinkChange, NamespaceHandle } from '#linux/network-kernel.ts'
import { NEVER_OUTSIDE, NEVER_OUTSIDE_IPV6, routerAddresses } from '../addresses.ts'
import { block, cidrOf } from '../ipv4.ts'
import type { VpcPlan } from '../network.ts'
import { ROUTER_UPLINK } from './names.ts'
import { EVERYWHERE, IPV6_EVERYWHERE, ipv6Prefix, prefix, single } from './prefixes.ts'
import { ipv6Transit, type Transit } from './transit.ts'

const LOOPBACK = '127.0.0.1'

export const hasIpv6 = ({ ipv6Cidrs = [] }: VpcPlan): boolean => ipv6Cidrs.length > 0

/** The addresses that the router answers under, and what it drops instead of routing it. */
export const addressRouter = async (router: NamespaceHandle, plan: VpcPlan): Promise<void> => {
  const wanted = new Set(routerAddresses(plan))
  const there = (await router.addresses()).filter(({ name, address }) => name === 'lo' && address !== LOOPBACK)
  const has = new Set(there.map(({ address }) => address))
  const dropped = new Set([...NEVER_OUTSIDE, ...plan.cidrs].map((cidr) => cidrOf(block(cidr))))
  const drops = await router.blackholes()
  await router.change([
    { do: 'set-up', name: 'lo' },
    ...[...wanted]
      .filter((address) => !has.has(address))
      .map((address): LinkChange => ({ do: 'add-address', name: 'lo', prefix: single(address) })),
    ...there
      .filter(({ address }) => !wanted.has(address))
      .map((gone): LinkChange => ({ do: 'delete-address', name: 'lo', prefix: gone })),
    ...[...dropped].map((cidr): LinkChange => ({ do: 'add-blackhole', to: prefix(cidr) })),
    ...(hasIpv6(plan) ? [...NEVER_OUTSIDE_IPV6, ...(plan.ipv6Cidrs ?? [])] : []).map((cidr): LinkChange => ({
      do: 'add-blackhole',
      to: ipv6Prefix(cidr),
    })),
    ...drops
      .filter(({ address, length }) => !dropped.has(`${address}/${length}`))
      .map((gone): LinkChange => ({ do: 'delete-route', to: gone })),
  ])
}

/** The router's end of the link to the host; the host's end is there already. */
export const connectUplink = async (
  handle: NamespaceHandle,
  plan: VpcPlan,
  { host, router }: Transit,
): Promise<void> => {
  await handle.change([
    { do: 'add-address', name: ROUTER_UPLINK, prefix: { address: router, length: 31 } },
    { do: 'set-up', name: ROUTER_UPLINK },
    { do: 'add-route', to: EVERYWHERE, name: ROUTER_UPLINK, via: host },
  ])
  await handle.set({ [`ipv4/conf/${ROUTER_UPLINK}/proxy_arp`]: '0' })
  if (!hasIpv6(plan)) return
  await handle.change([
    { do: 'add-address', name: ROUTER_UPLINK, prefix: { address: ipv6Transit(router), length: 127 } },
    { do: 'add-route', to: IPV6_EVERYWHERE, name: ROUTER_UPLINK, via: ipv6Transit(host) },
  ])
}
