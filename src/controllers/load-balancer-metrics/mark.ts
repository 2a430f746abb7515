// What is remembered of a load balancer beside its samples, so that the next control plane goes on from there. Pure.

import type { BalancerCounters } from '#dataplane/balancer/balancer.ts'

export interface Mark {
  /** The last reading. */
  readonly counters: BalancerCounters
  /** The id of the last request that was counted; undefined before any was. */
  readonly request?: string | undefined
}

const PREFIX = 'load-balancer '

export const markName = (arn: string): string => `${PREFIX}${arn}`

/** By ARN. */
export const marksIn = (kept: Readonly<Record<string, string>>): Map<string, Mark> =>
  new Map(
    Object.entries(kept).flatMap(([name, text]) =>
      name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), JSON.parse(text) as Mark] as const] : [],
    ),
  )
