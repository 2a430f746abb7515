// What each kind of log is made of: requests, or connections, as a load balancer tells of them.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { LoggedConnection, LoggedRequest, RequestLog } from '#dataplane/balancer/balancer.ts'
import { connectionLogEntry, firstRequests } from './connection-entry.ts'
import { accessLogEntry } from './entry.ts'
import type { LogKind } from './plan.ts'
import { tlsLogEntry } from './tls-entry.ts'
import { AccessLogWriter, type WriterOptions } from './writer.ts'

/** Whatever it writes. */
export type Writer = Pick<AccessLogWriter<never>, 'flush' | 'end' | 'close'>

interface WriterFacts {
  readonly balancer: LoadBalancerRecord
  readonly kind: LogKind
  /** What the balancer calls it. */
  readonly name: string
}

export const newWriter = (
  options: WriterOptions & { readonly requests: RequestLog },
  { balancer, kind, name }: WriterFacts,
): Writer => {
  const { requests } = options
  if (kind === 'connection_logs') {
    const firstOf = firstRequests()
    return new AccessLogWriter<LoggedRequest>(options, {
      name: `${name}.connections`,
      follow: (told, signal) => requests.followRequests(name, (news) => told(firstOf(news)), signal),
      entry: connectionLogEntry,
    })
  }
  if (balancer.type === 'network') {
    return new AccessLogWriter<LoggedConnection>(options, {
      name,
      follow: (told, signal) => requests.followConnections(name, told, signal),
      entry: tlsLogEntry,
    })
  }
  return new AccessLogWriter<LoggedRequest>(options, {
    name,
    follow: (told, signal) => requests.followRequests(name, told, signal),
    entry: accessLogEntry,
  })
}
