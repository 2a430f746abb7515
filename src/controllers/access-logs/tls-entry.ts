// One connection to a TLS listener of a network load balancer as a line of its access log. Pure.
// AWS: "Access logs for your Network Load Balancer", "Access log entries".

import { loadBalancerPath } from '#apis/elbv2/model/load-balancer.ts'
import { timeText } from '#aws/time.ts'
import type { LoggedConnection } from '#dataplane/balancer/balancer.ts'
import type { EntryFacts } from './entry.ts'

const NONE = '-'
const VERSION = '2.0'

/** ISO 8601, as AWS writes it here: seconds, and no zone. */
const time = (milliseconds: number): string => timeText(milliseconds).slice(0, 19)

const place = ({ address, port }: LoggedConnection['client']): string => `${address}:${port}`

/** What a client chose is written as in a URL: a byte that would be anything but itself, by its number. */
const encoded = (text: string | undefined): string =>
  text === undefined
    ? NONE
    : text.replaceAll(
        /[^A-Za-z0-9._~/-]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      )

/** In the documented order. */
export const tlsLogEntry = (connection: LoggedConnection, { balancer, certificates }: EntryFacts): string =>
  [
    'tls',
    VERSION,
    time(connection.endedAt),
    loadBalancerPath(balancer),
    connection.listenerId,
    place(connection.client),
    place(connection.destination),
    String(connection.endedAt - connection.startedAt),
    String(Math.max(0, connection.handshakeMilliseconds)),
    String(connection.receivedBytes),
    String(connection.sentBytes),
    // HAProxy does not tell which alerts it has heard.
    NONE,
    certificates.get((connection.certificateSha1 ?? '').toLowerCase()) ?? NONE,
    // Of the certificate its serial number, and of the handshake its group: AWS, too, leaves them open.
    NONE,
    connection.cipher ?? NONE,
    (connection.tlsProtocol ?? NONE).toLowerCase().replace('.', ''),
    NONE,
    encoded(connection.serverName),
    encoded(connection.alpn),
    // Targets are offered no protocols; and what the client would have liked, HAProxy does not tell.
    NONE,
    NONE,
    time(connection.startedAt),
  ].join(' ')
