// Which names, addresses and ports of the host's loopback lead to which load balancer. Pure.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { localNames } from '#apis/elbv2/model/local-name.ts'
import type { FrontEntry, RelayEntry } from './sink.ts'

const isServed = ({ status: { state }, spec }: LoadBalancerRecord): boolean =>
  (state === 'active' || state === 'active_impaired') && !spec.deleteRequested

/** In a fixed order, so that what has not changed is seen not to have. */
export const frontEntries = (
  balancers: readonly LoadBalancerRecord[],
  listeners: readonly ListenerRecord[],
): FrontEntry[] =>
  [...localNames(balancers)]
    .flatMap(([name, balancer]) => {
      const { arn, status } = balancer
      return listeners.flatMap(({ loadBalancerArn, spec: { port, protocol } }): FrontEntry[] => {
        const { hostAddress: address } = status
        if (loadBalancerArn !== arn || address === undefined || !isServed(balancer) || protocol === 'UDP') return []
        return [{ name, port, address }]
      })
    })
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.port - b.port)

/** Likewise. Datagrams name nobody: each load balancer hears them at its own address only. */
export const relayEntries = (
  balancers: readonly LoadBalancerRecord[],
  listeners: readonly ListenerRecord[],
  interfaces: readonly Pick<NetworkInterfaceRecord, 'id' | 'status'>[],
): RelayEntry[] => {
  const places = new Map(interfaces.map(({ id, status }) => [id, status.namespacePath]))
  return balancers
    .filter(isServed)
    .flatMap(({ arn, status: { hostAddress, addresses } }) => {
      const [door] = addresses.flatMap(({ networkInterfaceId, privateIp }) => {
        const namespacePath = places.get(networkInterfaceId)
        return namespacePath === undefined ? [] : [{ namespacePath, address: privateIp }]
      })
      return listeners.flatMap(({ loadBalancerArn, spec: { port, protocol } }): RelayEntry[] => {
        if (loadBalancerArn !== arn || hostAddress === undefined || door === undefined) return []
        return protocol === 'UDP' || protocol === 'TCP_UDP' ? [{ address: hostAddress, port, door }] : []
      })
    })
    .toSorted((a, b) => a.address.localeCompare(b.address) || a.port - b.port)
}
