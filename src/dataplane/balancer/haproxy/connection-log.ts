// What HAProxy writes down of each connection to a TLS listener of a network load balancer, beside the requests of others:
// a line of words, in which everything that a client chose stands in base64.

import type { LoggedConnection } from '../balancer.ts'
import { LOG_LINE_BYTES, LOGGED_NAME_BYTES } from '../limits.ts'
import { logLine } from './log-line.ts'
import { doorOf } from './quoting.ts'
import { RING } from './request-log.ts'

const MARK = 'tls'

/** The order in which `loggedConnection` reads them. */
const FORMAT = [
  MARK,
  '%pid-%Ts-%rt',
  // Milliseconds since 1970 at which it was taken; how long the handshake took, and all of it.
  '%Ts',
  '%ms',
  '%Th',
  '%Tt',
  '%ci',
  '%cp',
  '%fi',
  '%fp',
  '%f',
  '%U',
  '%B',
  '%sslc',
  '%sslv',
  '%[var(sess.certificate)]',
  '%[var(sess.name)]',
  '%[var(sess.alpn)]',
] as const

export const connectionLogLines = (): string[] => [
  `log ring@${RING} len ${LOG_LINE_BYTES} local0`,
  `log-format "${FORMAT.join(' ')}"`,
  'tcp-request session set-var(sess.certificate) ssl_f_sha1,hex',
  `tcp-request session set-var(sess.name) ssl_fc_sni,bytes(0,${LOGGED_NAME_BYTES}),base64`,
  `tcp-request session set-var(sess.alpn) ssl_fc_alpn,bytes(0,${LOGGED_NAME_BYTES}),base64`,
]

/** Undefined for what HAProxy says beside connections, and for a line that is cut. */
export const loggedConnection = (line: string): LoggedConnection | undefined => {
  const words = logLine(line, FORMAT.length)
  if (words?.text(0) !== MARK) return undefined
  const { text, number, decoded } = words
  const word = (at: number): string => text(at) ?? ''
  const startedAt = number(2) * 1000 + number(3)
  const at = doorOf(word(10))
  if (!Number.isFinite(startedAt) || at === undefined) return undefined
  return {
    ...at,
    id: word(1),
    startedAt,
    endedAt: startedAt + Math.max(0, number(5)),
    handshakeMilliseconds: number(4),
    client: { address: word(6), port: number(7) },
    destination: { address: word(8), port: number(9) },
    receivedBytes: number(11),
    sentBytes: number(12),
    cipher: text(13),
    tlsProtocol: text(14),
    certificateSha1: text(15),
    serverName: decoded(16),
    alpn: decoded(17),
  }
}
