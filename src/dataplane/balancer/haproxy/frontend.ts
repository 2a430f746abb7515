// A listener as a HAProxy frontend: where it listens, what it adds to requests, and its rules in their order.
// AWS: "HTTP headers and Application Load Balancers".

import type { BalancerPlan, ListenerPlan, TlsPlan } from '../balancer.ts'
import { HEADER_SECONDS } from '../limits.ts'
import { actionLines, plainGroup, streamLines, useChosenGroup } from './actions.ts'
import { accessLists, type Lines } from './conditions.ts'
import { connectionLogLines } from './connection-log.ts'
import { address, frontendName, literal, named, port, quoted, token } from './quoting.ts'
import { holdLines } from './hold.ts'
import { isInTables, pathTables, tableText } from './path-table.ts'
import { refusalLines, SERVER } from './refusals.ts'
import { requestLogLines, tracedLines } from './request-log.ts'

/** Under these names HAProxy finds the namespaces of the doors and of the host. */
export const doorNamespace = (balancerId: string, index: number): string => `${named(balancerId)}-${index}`
export const HOST_NAMESPACE = 'host'

export interface FrontendPlaces {
  /** Where HAProxy finds its files; in no other process's sight. */
  readonly folder: string
  /** Of the host, that other programs have: there it is done without. */
  readonly takenPorts: ReadonlySet<number>
}

const ALPN_DEFAULT = ['h2', 'http/1.1']

/** Before version 1.2 signatures were what OpenSSL now does only when it is told so with the ciphers. */
const OF_OLD = '@SECLEVEL=0'

/** The ciphers of version 1.3 have names of their own, and a list of their own. */
const spoken = ({ oldest, newest, ciphers }: TlsPlan): string => {
  const [newer, older] = [true, false].map((isNewer) =>
    ciphers.filter((cipher) => cipher.startsWith('TLS_') === isNewer).map(token),
  )
  const isOld = oldest === 'TLSv1.0' || oldest === 'TLSv1.1'
  const lists = [
    ['ciphers', [...(older ?? []), ...(isOld ? [OF_OLD] : [])]],
    ['ciphersuites', newer ?? []],
  ] as const
  const words = lists.flatMap(([word, names]) => (names.length === 0 ? [] : [`${word} ${names.join(':')}`]))
  return [`ssl-min-ver ${oldest}`, `ssl-max-ver ${newest}`, ...words].join(' ')
}

const DEFAULT_TLS = 'ssl-min-ver TLSv1.2'

const tls = (listener: ListenerPlan, folder: string): string => {
  if (listener.protocol !== 'HTTPS' && listener.protocol !== 'TLS') return ''
  const protocols = listener.alpn ?? (listener.protocol === 'HTTPS' ? ALPN_DEFAULT : [])
  const alpn =
    protocols.length === 0 ? '' : ` alpn ${protocols.map((one) => one.replaceAll(/[^a-z0-9./]/g, '')).join(',')}`
  const speaks = listener.tls === undefined ? DEFAULT_TLS : spoken(listener.tls)
  return ` ssl crt-list ${folder}/${named(listener.id)}.crts ${speaks}${alpn}`
}

const bindLines = (
  plan: BalancerPlan,
  listener: ListenerPlan,
  door: number,
  { folder, takenPorts }: FrontendPlaces,
): string[] => {
  // The host is in no zone: it comes in by the first door.
  const onHost = door > 0 || takenPorts.has(listener.port) ? [] : plan.hostAddresses
  const secure = tls(listener, folder)
  const at = (where: string): string => {
    const host = address(where)
    return host.includes(':') ? `[${host}]:${port(listener.port)}` : `${host}:${port(listener.port)}`
  }
  return [
    // The process itself lives in the first.
    ...plan.doors
      .slice(door, door + 1)
      .flatMap(({ address: where, ipv6Address }) => [where, ...(ipv6Address === undefined ? [] : [ipv6Address])])
      .map((where) => `bind ${at(where)}${door === 0 ? '' : ` namespace ${doorNamespace(plan.id, door)}`}${secure}`),
    ...onHost.map((where) => `bind ${at(where)} namespace ${HOST_NAMESPACE}${secure}`),
  ]
}

const certificates = (listener: ListenerPlan, folder: string): Record<string, string> =>
  listener.certificates.length === 0
    ? {}
    : {
        [`${named(listener.id)}.crts`]: listener.certificates
          .map(({ id }) => `${folder}/cert-${named(id)}.pem\n`)
          .join(''),
        ...Object.fromEntries(listener.certificates.map(({ id, pem }) => [`cert-${named(id)}.pem`, pem])),
      }

const FORWARDED = 'X-Forwarded-For'
const TRACE = 'X-Amzn-Trace-Id'
/** An id of AWS X-Ray: the time, and 96 random bits. */
const RANDOM = '%[rand,hex,bytes(8,8),lower]'
const TRACE_ID = `1-%[date,hex,bytes(8,8),lower]-${RANDOM.repeat(3)}`

/** AWS: "X-Forwarded-For", append, preserve and remove. */
const forwardedLines = ({ forwardedFor }: BalancerPlan): string[] => {
  const { mode = 'append', withPort = false } = forwardedFor ?? {}
  if (mode === 'preserve') return []
  if (mode === 'remove') return [`http-request del-header ${FORWARDED}`]
  const client = withPort ? '%[src]:%[src_port]' : '%[src]'
  return [
    `http-request set-header ${FORWARDED} '%[req.fhdr(${FORWARDED})], ${client}' if { req.fhdr_cnt(${FORWARDED}) 1 }`,
    // One that stands there several times is a list already: it is given one more line.
    `http-request add-header ${FORWARDED} '${client}' unless { req.fhdr_cnt(${FORWARDED}) 1 }`,
  ]
}

const REQUEST_HEADERS = [
  "http-request set-header X-Forwarded-Proto '%[ssl_fc,iif(https,http)]'",
  "http-request set-header X-Forwarded-Port '%[dst_port]'",
  `http-request set-header ${TRACE} 'Self=${TRACE_ID};%[req.fhdr(${TRACE})]' if { req.fhdr(${TRACE}) -m sub Root= }`,
  `http-request set-header ${TRACE} 'Root=${TRACE_ID}' unless { req.fhdr(${TRACE}) -m sub Root= }`,
]

/** AWS: names that are more than letters, digits and hyphens are invalid. */
const DROP_INVALID = "http-request del-header '[^-A-Za-z0-9]' -m reg"

const DEFAULT_PORTS = [80, 443]

/** AWS: "Host header preservation": without it, a port that nobody would guess is added to the name. */
const hostLines = (plan: BalancerPlan, { port: listens }: ListenerPlan): string[] =>
  plan.preserveHost || DEFAULT_PORTS.includes(listens)
    ? []
    : ["http-request set-header Host '%[req.hdr(host)]:%[dst_port]' if { req.hdr(host),port_only -m int 0 }"]

/** AWS: "TLS header and cipher suite"; nobody else may say so. */
const tlsLines = ({ tlsHeaders }: ListenerPlan): string[] =>
  tlsHeaders === undefined
    ? []
    : [
        `http-request set-header ${quoted(tlsHeaders.version)} '%[ssl_fc_protocol]'`,
        `http-request set-header ${quoted(tlsHeaders.cipher)} '%[ssl_fc_cipher]'`,
      ]

/** AWS: "HTTP header modification", "HTTP client keepalive duration". HAProxy 2.6 cannot say so to clients of HTTP/2. */
const answerLines = ({ connectionSeconds }: BalancerPlan, { responseHeaders = {}, hidesServer }: ListenerPlan) => [
  ...(hidesServer === true ? [`http-after-response del-header Server if { res.hdr(server) -m str ${SERVER} }`] : []),
  ...Object.entries(responseHeaders).map(
    ([name, value]) => `http-after-response set-header ${quoted(name)} ${quoted(literal(value))}`,
  ),
  // HAProxy's own answers have none, and a target may have forgotten it: RFC 9110, 6.6.1.
  "http-after-response set-header Date '%[date,http_date]' unless { res.fhdr_cnt(date) gt 0 }",
  ...(connectionSeconds === undefined
    ? []
    : [
        'tcp-request connection set-var(sess.began) date()',
        `http-after-response set-header Connection close if { date(),sub(sess.began) ge ${connectionSeconds} } !{ status 101 }`,
      ]),
]

/** The number of the first rule that applies becomes `txn.rule`. */
const chooseRule = (listener: ListenerPlan, folder: string): Lines => {
  const lists: string[] = []
  const chosen: string[] = []
  const files: Record<string, string> = {}
  const tables = pathTables(listener.rules)
  for (const [way, table] of [
    ['str', tables.whole],
    ['beg', tables.starts],
  ] as const) {
    if (table.size === 0) continue
    const file = `${named(listener.id)}-paths-${way}.map`
    files[file] = tableText(table)
    chosen.push(
      `http-request set-var(txn.rule) path,map_${way}_int(${folder}/${file})${chosen.length === 0 ? '' : ' unless { var(txn.rule) -m found }'}`,
    )
  }
  for (const [index, rule] of listener.rules.entries()) {
    if (isInTables(rule)) continue
    const number = index + 1
    const asked = accessLists(`${named(listener.id)}-r${number}`, rule.conditions, folder)
    lists.push(...asked.lines)
    Object.assign(files, asked.files)
    // Most conditions do not hold: they are asked first.
    const conditions = [...asked.names, `!{ var(txn.rule) -m int lt ${number} }`].join(' ')
    chosen.push(`http-request set-var(txn.rule) int(${number}) if ${conditions}`)
  }
  return { lines: [...lists, ...chosen], files }
}

/** A rule is chosen before any acts: HAProxy would act on a later one first where only that one answers itself. */
const webRules = (plan: BalancerPlan, listener: ListenerPlan, folder: string): Lines => {
  const choice = chooseRule(listener, folder)
  const files: Record<string, string> = { ...choice.files }
  const actions: string[] = []
  /** Rules that need no more than to know where to, and that: one look into this costs less than a line for each. */
  const plain: string[] = []
  for (const [index, { action }] of listener.rules.entries()) {
    const number = index + 1
    const groupId = plainGroup(action)
    if (groupId === undefined) {
      const { lines, files: more } = actionLines(action, number, `${named(listener.id)}-r${number}`, folder)
      actions.push(...lines)
      Object.assign(files, more)
    } else plain.push(`${number} ${named(groupId)}\n`)
  }
  const map = `${named(listener.id)}.groups`
  if (plain.length > 0) files[map] = plain.join('')
  const looked = plain.length > 0 ? [`http-request set-var(txn.group) var(txn.rule),map_int(${folder}/${map})`] : []
  return { lines: [...choice.lines, ...looked, ...actions, ...holdLines(plan), ...useChosenGroup(plan)], files }
}

const web = (plan: BalancerPlan, listener: ListenerPlan, folder: string): Lines => {
  const rules = webRules(plan, listener, folder)
  return {
    lines: [
      'mode http',
      `timeout http-request ${HEADER_SECONDS}s`,
      `timeout http-keep-alive ${plan.idleTimeoutSeconds}s`,
      ...requestLogLines(listener.protocol === 'HTTPS', plan),
      ...refusalLines(folder),
      ...(plan.dropInvalidHeaders ? [DROP_INVALID] : []),
      ...forwardedLines(plan),
      ...REQUEST_HEADERS,
      ...tlsLines(listener),
      ...tracedLines(TRACE, plan),
      ...hostLines(plan, listener),
      ...answerLines(plan, listener),
      ...rules.lines,
    ],
    files: rules.files,
  }
}

const stream = ({ groups }: BalancerPlan, listener: ListenerPlan): Lines => {
  const action = listener.rules.at(-1)?.action
  const logged = listener.protocol === 'TLS' ? connectionLogLines() : []
  return { lines: ['mode tcp', ...logged, ...(action?.do === 'forward' ? streamLines(action, groups) : [])], files: {} }
}

/** One for each door: so HAProxy counts by zone, and no request takes longer for it. */
export const frontend = (plan: BalancerPlan, listener: ListenerPlan, places: FrontendPlaces): Lines => {
  const { folder } = places
  const isWeb = listener.protocol === 'HTTP' || listener.protocol === 'HTTPS'
  const rest = isWeb ? web(plan, listener, folder) : stream(plan, listener)
  return {
    lines: plan.doors.flatMap((_, door) => [
      `frontend ${frontendName(listener.id, door)}`,
      ...[
        ...bindLines(plan, listener, door, places),
        `timeout client ${listener.idleTimeoutSeconds ?? plan.idleTimeoutSeconds}s`,
        ...rest.lines,
      ].map((line) => `  ${line}`),
    ]),
    files: { ...certificates(listener, folder), ...rest.files },
  }
}
