// Lets packets pass the host from routers to the ways out and back, with no more switched on than that, and undoes it.

import { isFault } from '#base/fault.ts'
import type { NamespaceHandle } from '#linux/network-kernel.ts'
import type { Family } from '../ranges.ts'
import { addHostElement, listedNames } from './host-filter.ts'

/**
 * The settings that make a host forward everywhere, and from one link only. Of IPv6 the first is left alone: it makes a
 * host deaf to its own routers. The second is there since Linux 6.17; on older hosts that do not forward IPv6 anyway, the
 * IPv6 of VPCs reaches the host and each other, and nothing beyond.
 */
const SETTINGS = {
  ip: { everywhere: 'ipv4/ip_forward', ofLink: (name: string) => `ipv4/conf/${name}/forwarding` },
  ip6: { everywhere: 'ipv6/conf/all/forwarding', ofLink: (name: string) => `ipv6/conf/${name}/force_forwarding` },
} as const

/** The tables of all instances on this host. */
export const instanceTables = async (host: NamespaceHandle, family: Family): Promise<string[]> =>
  [...(await host.filter(`list tables ${family}`)).matchAll(/^table ip6? (ng_[a-z0-9]+)$/gm)].map(
    ([, name = '']) => name,
  )

const guardedLinks = async (host: NamespaceHandle, family: Family, table: string): Promise<string[]> =>
  listedNames(await host.filter(`list set ${family} ${table} guarded`))

/** From the uplink to wherever default routes lead, and back. */
export const forwardFrom = async (
  host: NamespaceHandle,
  family: Family,
  table: string,
  uplinkName: string,
): Promise<void> => {
  const { everywhere, ofLink } = SETTINGS[family]
  try {
    await host.set({ [ofLink(uplinkName)]: '1' })
  } catch (error) {
    if (family === 'ip6' && isFault(error, 'not-found')) return
    throw error
  }
  if ((await host.get(everywhere)) === '1') {
    // Someone else made this host a router: what passes it otherwise is no matter of ours.
    await host.filter(`flush set ${family} ${table} guarded`)
    return
  }
  const byOthers = new Set<string>()
  for (const name of await instanceTables(host, family))
    for (const link of await guardedLinks(host, family, name)) byOthers.add(link)
  for (const name of await host.defaultRouteLinks(family)) {
    if ((await host.get(ofLink(name))) === '1' && !byOthers.has(name)) continue
    await host.filter(addHostElement(family, table, 'guarded', name))
    await host.set({ [ofLink(name)]: '1' })
  }
}

/** What is to be switched off again once the table of an instance is gone. To be called while it is there. */
export const forwardedFor = (host: NamespaceHandle, family: Family, table: string): Promise<string[]> =>
  guardedLinks(host, family, table)

/** Another instance may need it as much, and then undoes it. */
export const stopForwarding = async (
  host: NamespaceHandle,
  family: Family,
  links: readonly string[],
): Promise<void> => {
  const { everywhere, ofLink } = SETTINGS[family]
  const others = new Set<string>()
  for (const name of await instanceTables(host, family))
    for (const link of await guardedLinks(host, family, name)) others.add(link)
  const off = links.filter((name) => !others.has(name))
  if (off.length > 0 && (await host.get(everywhere)) === '0')
    await host.set(Object.fromEntries(off.map((name) => [ofLink(name), '0'])))
}
