// Connections to an application load balancer, as lines of its connection log: each is told of by the first request that
// came by it. AWS: "Connection logs for your Application Load Balancer", "Connection log entries".

import type { LoggedRequest } from '#dataplane/balancer/balancer.ts'
import { time } from './entry.ts'
import { KNOWN_CONNECTIONS } from './limits.ts'

const NONE = '-'

/** In the documented order. `request`: the first of its connection. */
export const connectionLogEntry = (request: LoggedRequest): string => {
  const { tlsProtocol, cipher, handshakeMilliseconds } = request
  const isSecure = tlsProtocol !== undefined
  return [
    time(request.connectedAt),
    request.client.address,
    String(request.client.port),
    String(request.port),
    tlsProtocol ?? NONE,
    cipher ?? NONE,
    isSecure ? (Math.max(0, handshakeMilliseconds) / 1000).toFixed(3) : NONE,
    // No listener asks its clients for certificates.
    `"${NONE}"`,
    NONE,
    NONE,
    isSecure ? 'Success' : NONE,
    `TID_${request.connection}`,
  ].join(' ')
}

/**
 * Lets the first request of each connection through, under the connection's id; remembers so many connections that were
 * used last.
 */
export const firstRequests = (): ((requests: readonly LoggedRequest[]) => LoggedRequest[]) => {
  const known = new Set<string>()
  return (requests) =>
    requests.flatMap((request) => {
      const { connection } = request
      const isFirst = !known.delete(connection)
      known.add(connection)
      const [oldest] = known
      if (known.size > KNOWN_CONNECTIONS && oldest !== undefined) known.delete(oldest)
      return isFirst ? [{ ...request, id: connection }] : []
    })
}
