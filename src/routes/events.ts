// GET /_neargate/events: what happened, as EventBridge's events; page after page, or only what is new.

import { clusterNameOf } from '#apis/ecs/model/identifiers.ts'
import { clusterArn } from '#aws/arn.ts'
import type { Route } from '#apiserver/route.ts'
import type { Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Clock } from '#base/clock.ts'
import type { EventStore } from '#telemetry/events/event-store.ts'
import { PREFIX } from './answers.ts'
import { namedServiceArn, namedTaskArn, scopeOf, wholeNumber } from './named.ts'

const PAGE_EVENTS = 500
const A_WEEK_SECONDS = 7 * 24 * 3600

export interface EventRouteOptions {
  readonly events: EventStore
  readonly clock: Clock
}

/** Query: "after" (a number from "next") or "since" (seconds ago), and "task", "service" or "cluster". */
export const eventRoute = ({ events, clock }: EventRouteOptions): Route => ({
  method: 'GET',
  path: `${PREFIX}events`,
  handle: async ({ query }, caller) => {
    const since = wholeNumber(query, 'since', A_WEEK_SECONDS, A_WEEK_SECONDS)
    const after = wholeNumber(query, 'after', 0, Number.MAX_SAFE_INTEGER)
    const subject = subjectOf(query, caller)
    const found = await events.read({
      account: caller?.account ?? '',
      after,
      since: clock.now().getTime() - since * 1000,
      limit: PAGE_EVENTS,
      ...(subject === undefined ? {} : { subject }),
    })
    const next = found.at(-1)?.number ?? after
    // The events are JSON already.
    const body = `{"next":${next},"isLast":${found.length < PAGE_EVENTS},"events":[${found.map(({ text }) => text).join(',')}]}`
    return { status: 200, headers: { 'content-type': 'application/json' }, body }
  },
})

const subjectOf = (query: URLSearchParams, caller: Caller | undefined): string | undefined => {
  const [task, service, cluster] = [query.get('task'), query.get('service'), query.get('cluster')]
  if (task !== null) return namedTaskArn(query, caller, task)
  if (service !== null) return namedServiceArn(query, caller, service)
  if (cluster === null) return undefined
  const scope = scopeOf(query, caller, cluster)
  const name = clusterNameOf(scope, cluster)
  if (name === undefined) throw new AwsError('InvalidParameter', `${cluster} is no cluster’s name or ARN`)
  return clusterArn(scope, name)
}
