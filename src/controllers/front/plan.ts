// Which names and ports of the host's loopback lead to which load balancer. Pure.

import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { localNames } from '#apis/elbv2/model/local-name.ts'
import type { FrontEntry } from './sink.ts'

/** In a fixed order, so that what has not changed is seen not to have. */
export const frontEntries = (
  balancers: readonly LoadBalancerRecord[],
  listeners: readonly ListenerRecord[],
): FrontEntry[] =>
  [...localNames(balancers)]
    .flatMap(([name, { arn, status }]) =>
      listeners.flatMap(({ loadBalancerArn, spec: { port, protocol } }): FrontEntry[] => {
        const { hostAddress: address, state } = status
        const isServed = state === 'active' || state === 'active_impaired'
        if (loadBalancerArn !== arn || address === undefined || !isServed || protocol === 'UDP') return []
        return [{ name, port, address }]
      }),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.port - b.port)
