// Under which name a load balancer is found on the machine that it runs on. Names below "localhost" lead to the loopback
// without anybody being asked (RFC 6761 6.3): in browsers, in curl, and for every program where systemd resolves names.

import type { LoadBalancerRecord } from './load-balancer.ts'

type Named = Pick<LoadBalancerRecord, 'arn' | 'name' | 'scope' | 'createdAt' | 'scheme' | 'spec'>

/** "web.eu-west-1.elb.localhost": the same after the load balancer was made anew, as its DNS name is not. */
const localName = ({ name, scope }: Named): string => `${name}.${scope.region}.elb.localhost`.toLowerCase()

const isOlder = (one: Named, other: Named): boolean =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.arn < other.arn)

/** By name: the internet-facing ones. Of two accounts' load balancers of one name, the older has it. */
export const localNames = <T extends Named>(all: readonly T[]): Map<string, T> => {
  const names = new Map<string, T>()
  for (const balancer of all) {
    if (balancer.scheme === 'internal' || balancer.spec.deleteRequested) continue
    const name = localName(balancer)
    const other = names.get(name)
    if (other === undefined || isOlder(balancer, other)) names.set(name, balancer)
  }
  return names
}
