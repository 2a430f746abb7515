// GET /_neargate/requests: the newest requests to a load balancer, or connections to a network load balancer's TLS listeners, as entries of its access log.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import type { Route } from '#apiserver/route.ts'
import type { Store } from '#store/store.ts'
import { json, PREFIX } from './answers.ts'
import { namedLoadBalancer } from './load-balancers.ts'

/** Entries of one answer. */
const REQUESTS_MOST = 5000

interface ShownRequest {
  readonly id: string
  readonly entry: string
}

export interface RequestsRouteOptions {
  readonly store: Store
  /** The oldest first; undefined when it does not serve. */
  readonly recentRequests: (balancer: LoadBalancerRecord) => Promise<readonly ShownRequest[] | undefined>
}

/** Query: "of", a load balancer's name, ARN or DNS name; "after", the id of a request: only what came later. */
export const requestsRoute = ({ store, recentRequests }: RequestsRouteOptions): Route => ({
  method: 'GET',
  path: `${PREFIX}requests`,
  handle: async ({ query }, caller) => {
    const all = await store.read((reader) => reader.list(loadBalancers))
    const balancer = namedLoadBalancer(all, caller?.account, query.get('of') ?? '')
    const found = (await recentRequests(balancer)) ?? []
    const seen = found.findIndex(({ id }) => id === query.get('after'))
    return json({ requests: found.slice(seen + 1).slice(-REQUESTS_MOST) })
  },
})
