// Which route of a subnet a destination takes. Pure.

import type { RouteTarget, SubnetPlan, VpcPlan } from './network.ts'
import { familyOf, holdsAddress, type Range, rangeOf } from './ranges.ts'

const size = ({ first, last }: Range): bigint => last - first

/** undefined where no route leads: such packets are dropped, as by a black hole. */
export const routeTo = (vpc: VpcPlan, subnet: SubnetPlan, address: string): RouteTarget | 'local' | undefined => {
  const routes = [
    ...[...vpc.cidrs, ...(vpc.ipv6Cidrs ?? [])].map((destination) => ({ destination, target: 'local' as const })),
    ...subnet.routes,
  ]
  return routes
    .map(({ destination, target }) => ({ range: rangeOf(destination), target }))
    .filter(({ range }) => range.family === familyOf(address) && holdsAddress(range, address))
    .reduce<{ range: Range; target: RouteTarget | 'local' } | undefined>(
      (best, route) => (best === undefined || size(route.range) < size(best.range) ? route : best),
      undefined,
    )?.target
}
