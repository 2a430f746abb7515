// The link between an interface's namespace and the router of its VPC: addresses, routes and neighbours of both ends.

import type { NamespaceHandle } from '#linux/network-kernel.ts'
import { gatewayOf } from '../addresses.ts'
import { block } from '../ipv4.ts'
import type { InterfacePlan, SubnetPlan } from '../network.ts'
import { TASK_INTERFACE, taskLink } from './names.ts'
import { EVERYWHERE, IPV6_EVERYWHERE, single } from './prefixes.ts'

/** Every task sees its router under this address, on a link of its own. */
const ROUTER_MAC = '0e:00:00:00:00:01'
/** What the host's way out usually carries; larger packets inside the machine gain little over segmentation offload. */
const MTU_BYTES = 1500
/** The router of every subnet, as an interface of AWS sees it: link-local. */
const IPV6_GATEWAY = 'fe80::1'

/** Routed like IPv4: no other interface is on the link, and both ends know the other's MAC address. */
const connectIpv6 = async (
  { router, task }: { readonly router: NamespaceHandle; readonly task: NamespaceHandle },
  plan: InterfacePlan,
  address: string,
): Promise<void> => {
  const name = taskLink(plan.id)
  await router.change([
    { do: 'add-route', to: single(address), name },
    { do: 'add-neighbour', address, name, mac: plan.mac },
  ])
  await task.change([
    { do: 'add-address', name: TASK_INTERFACE, prefix: single(address) },
    { do: 'add-neighbour', address: IPV6_GATEWAY, name: TASK_INTERFACE, mac: ROUTER_MAC },
    { do: 'add-route', to: IPV6_EVERYWHERE, name: TASK_INTERFACE, via: IPV6_GATEWAY },
  ])
}

/** Ties an interface's namespace, pinned to `path`, to the router. Safe to repeat. */
export const connectTask = async (
  { router, task, path }: { readonly router: NamespaceHandle; readonly task: NamespaceHandle; readonly path: string },
  plan: InterfacePlan,
  subnet: SubnetPlan,
): Promise<void> => {
  const name = taskLink(plan.id)
  if ((await task.linkCounters(TASK_INTERFACE)) === undefined) {
    // Left by a namespace that the kernel is still reaping.
    const peer = { name: TASK_INTERFACE, namespacePath: path, mac: plan.mac }
    await router.change([
      { do: 'delete-link', name },
      { do: 'add-veth', name, mac: ROUTER_MAC, peer, mtuBytes: MTU_BYTES },
    ])
  }
  await router.change([
    { do: 'set-up', name },
    { do: 'add-route', to: single(plan.privateIp), name },
    { do: 'add-neighbour', address: plan.privateIp, name, mac: plan.mac },
  ])
  const gateway = gatewayOf(subnet)
  const length = block(subnet.cidr).length
  await task.change([
    { do: 'set-up', name: 'lo' },
    // Shown with the subnet's prefix, as on AWS, and yet no neighbour is ever asked for: who comes a moment later would
    // be found only when the kernel asks again, after a second.
    { do: 'add-address', name: TASK_INTERFACE, prefix: { address: plan.privateIp, length }, isAlone: true },
    { do: 'set-up', name: TASK_INTERFACE },
    { do: 'add-route', to: single(gateway), name: TASK_INTERFACE },
    { do: 'add-route', to: EVERYWHERE, name: TASK_INTERFACE, via: gateway },
    // The kernel keeps 1,024 learnt neighbours over all namespaces of the machine; this one does not count.
    { do: 'add-neighbour', address: gateway, name: TASK_INTERFACE, mac: ROUTER_MAC },
  ])
  if (plan.ipv6Address !== undefined) await connectIpv6({ router, task }, plan, plan.ipv6Address)
}
