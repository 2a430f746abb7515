// What HAProxy writes down of each request, and how that is read: a line of words in memory, in which everything that a
// client chose stands in base64, so that no byte of it can be taken for anything else.

import type { BalancerPlan, LoggedRequest } from '../balancer.ts'
import { LOG_BYTES, LOG_LINE_BYTES, LOGGED_AGENT_BYTES, LOGGED_NAME_BYTES, LOGGED_PATH_BYTES } from '../limits.ts'
import { logLine } from './log-line.ts'
import { doorOf } from './quoting.ts'

/** Of what is written down; connections that are no requests stand there, too. */
export const RING = 'requests'

export const SHOW_REQUESTS = `show events ${RING}`
/** Goes on with those that come. */
export const FOLLOW_REQUESTS = `${SHOW_REQUESTS} -w`
/** Without the recent ones. */
export const FOLLOW_NEW_REQUESTS = `${FOLLOW_REQUESTS} -n`

/** The newest lines, in HAProxy's memory: nobody who is slow or dead holds up a request. */
export const ringLines = (): string[] => [
  `ring ${RING}`,
  '  format raw',
  `  maxlen ${LOG_LINE_BYTES}`,
  `  size ${LOG_BYTES}`,
]

const encoded = (variable: string, bytes: number): string => `%[var(${variable}),bytes(0,${bytes}),base64]`

/** HAProxy remembers the start of it anyway. */
const URI = '%[capture.req.uri,base64]'
const LEFT_OUT = '-'

/** The order in which `loggedRequest` reads them. What only access logs tell costs each request time. */
const format = (isWhole: boolean, isSecure: boolean): readonly string[] => [
  '%pid-%Ts-%rt',
  '%[var(sess.trace)]',
  // Milliseconds since 1970 at which the connection, or the wait for its next request, began; then how long each part took.
  '%Ts',
  '%ms',
  '%Th',
  '%Ti',
  '%TR',
  '%Tw',
  '%Tc',
  '%Tr',
  '%Tt',
  '%ci',
  '%cp',
  '%f',
  '%fp',
  '%b',
  '%si',
  '%sp',
  '%ST',
  '%[var(txn.target_status)]',
  '%U',
  '%B',
  ...(isSecure ? ['%sslc', '%sslv', '%[var(sess.certificate)]'] : [LEFT_OUT, LEFT_OUT, LEFT_OUT]),
  '%[var(txn.rule)]',
  '%HM',
  isWhole ? 'HTTP/%[var(txn.version)]' : '%HV',
  isWhole ? encoded('txn.path', LOGGED_PATH_BYTES) : URI,
  encoded('txn.host', LOGGED_NAME_BYTES),
  isWhole ? encoded('txn.agent', LOGGED_AGENT_BYTES) : LEFT_OUT,
  isWhole ? encoded('txn.trace', LOGGED_NAME_BYTES) : LEFT_OUT,
  isWhole ? encoded('txn.location', LOGGED_AGENT_BYTES) : LEFT_OUT,
  isSecure ? '%[var(sess.name)]' : LEFT_OUT,
]

const LENGTH = format(true, true).length

/** What the requests of one connection have in common is asked for once. */
const OF_CONNECTION = [
  'tcp-request session set-var(sess.certificate) ssl_f_sha1,hex',
  `tcp-request session set-var(sess.name) ssl_fc_sni,bytes(0,${LOGGED_NAME_BYTES}),base64`,
]

/** Before anything of the request is changed. */
export const requestLogLines = (isSecure: boolean, { keepsAccessLog }: Pick<BalancerPlan, 'keepsAccessLog'>) => [
  `log ring@${RING} len ${LOG_LINE_BYTES} local0`,
  `log-format "${format(keepsAccessLog, isSecure).join(' ')}"`,
  'tcp-request connection set-var(sess.trace) uuid()',
  ...(isSecure ? OF_CONNECTION : []),
  'http-request set-var(txn.host) req.fhdr(host)',
  'http-response set-var(txn.target_status) status',
  ...(keepsAccessLog
    ? [
        'http-request set-var(txn.path) pathq',
        'http-request set-var(txn.version) req.ver',
        'http-request set-var(txn.agent) req.fhdr(user-agent)',
        'http-after-response set-var(txn.location) res.fhdr(location) if { status 301 302 }',
      ]
    : []),
]

/** Once the request has its trace id. */
export const tracedLines = (header: string, { keepsAccessLog }: Pick<BalancerPlan, 'keepsAccessLog'>): string[] =>
  keepsAccessLog ? [`http-request set-var(txn.trace) req.fhdr(${header})`] : []

/** HAProxy says 0.9 where it remembers a part of the path only, and takes no such requests. */
const VERSION = /^HTTP\/[1-9].*/

/** Clients that speak HTTP/2 send it apart from the path, HAProxy puts it before. */
const ORIGIN = /^https?:\/\/[^/?]*/i

/** AWS: "HTTP 460". */
const CLIENT_LEFT = 460

/** Undefined for what HAProxy says beside requests, and for a line that is cut. */
export const loggedRequest = (line: string): LoggedRequest | undefined => {
  const words = logLine(line, LENGTH)
  if (words === undefined) return undefined
  const { text, number, decoded } = words
  const word = (at: number): string => text(at) ?? ''
  const beganAt = number(2) * 1000 + number(3)
  const at = doorOf(word(13))
  if (!Number.isFinite(beganAt) || at === undefined) return undefined
  const group = /^[a-z]-(.+)$/.exec(word(15))?.[1]
  const target = text(16) === undefined ? undefined : { address: word(16), port: number(17) }
  return {
    id: word(0),
    connection: word(1).replaceAll('-', ''),
    connectedAt: beganAt + Math.max(0, number(4)),
    receivedAt: beganAt + Math.max(0, number(4)) + Math.max(0, number(5)),
    endedAt: beganAt + Math.max(0, number(10)),
    handshakeMilliseconds: number(4),
    headerMilliseconds: number(6),
    queueMilliseconds: number(7),
    connectMilliseconds: number(8),
    targetMilliseconds: number(9),
    client: { address: word(11), port: number(12) },
    ...at,
    port: number(14),
    ...optional('groupId', group),
    ...(target === undefined ? {} : { target }),
    // HAProxy has none for a client that left before it was answered.
    status: number(18) < 0 ? CLIENT_LEFT : number(18),
    ...optional('targetStatus', text(19) === undefined ? undefined : number(19)),
    receivedBytes: number(20),
    sentBytes: number(21),
    ...optional('cipher', text(22)),
    ...optional('tlsProtocol', text(23)),
    ...optional('certificateSha1', text(24)),
    rule: text(25) === undefined ? 0 : number(25),
    ...optional('method', text(26)),
    ...optional('version', VERSION.exec(word(27))?.[0]),
    ...optional('path', decoded(28)?.replace(ORIGIN, '')),
    ...optional('host', decoded(29)),
    ...optional('agent', decoded(30)),
    ...optional('trace', decoded(31)),
    ...optional('location', decoded(32)),
    ...optional('serverName', decoded(33)),
  }
}

const optional = <K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: T })
