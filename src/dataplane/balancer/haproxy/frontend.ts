// A listener as a HAProxy frontend: where it listens, what it adds to requests, and its rules in their order.
// AWS: "HTTP headers and Application Load Balancers".

import type { BalancerPlan, ListenerPlan } from '../balancer.ts'
import { HEADER_SECONDS } from '../limits.ts'
import { actionLines, backendOf } from './actions.ts'
import { accessLists, type Lines } from './conditions.ts'
import { address, named, port } from './quoting.ts'

/** Under these names HAProxy finds the namespaces of the doors and of the host. */
export const doorNamespace = (balancerId: string, index: number): string => `${named(balancerId)}-${index}`
export const HOST_NAMESPACE = 'host'

const ALPN_DEFAULT = ['h2', 'http/1.1']

const tls = (listener: ListenerPlan, folder: string): string => {
  if (listener.protocol === 'HTTP' || listener.protocol === 'TCP') return ''
  const protocols = listener.alpn ?? (listener.protocol === 'HTTPS' ? ALPN_DEFAULT : [])
  const alpn =
    protocols.length === 0 ? '' : ` alpn ${protocols.map((one) => one.replaceAll(/[^a-z0-9./]/g, '')).join(',')}`
  return ` ssl crt-list ${folder}/${named(listener.id)}.crts ssl-min-ver ${listener.leastTlsVersion ?? 'TLSv1.2'}${alpn}`
}

const binds = (plan: BalancerPlan, listener: ListenerPlan, folder: string): string[] => {
  const secure = tls(listener, folder)
  const at = (where: string): string => {
    const host = address(where)
    return host.includes(':') ? `[${host}]:${port(listener.port)}` : `${host}:${port(listener.port)}`
  }
  return [
    ...plan.doors.map((door, index) => {
      // The process itself lives in the first.
      const elsewhere = index === 0 ? '' : ` namespace ${doorNamespace(plan.id, index)}`
      return `bind ${at(door.address)}${elsewhere}${secure}`
    }),
    ...plan.hostAddresses.map((where) => `bind ${at(where)} namespace ${HOST_NAMESPACE}${secure}`),
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

const REQUEST_HEADERS = [
  "http-request set-header X-Forwarded-For '%[req.hdr(X-Forwarded-For,-1)], %[src]' if { req.hdr(X-Forwarded-For) -m found }",
  "http-request set-header X-Forwarded-For '%[src]' unless { req.hdr(X-Forwarded-For) -m found }",
  "http-request set-header X-Forwarded-Proto '%[ssl_fc,iif(https,http)]'",
  "http-request set-header X-Forwarded-Port '%[dst_port]'",
  "http-request set-header X-Amzn-Trace-Id 'Root=1-%[date,hex,bytes(8,8),lower]-%[uuid,regsub(-,,g),bytes(0,24)]' unless { req.hdr(X-Amzn-Trace-Id) -m found }",
]

const webRules = (listener: ListenerPlan, folder: string): Lines => {
  const lines: string[] = []
  const chosen: string[] = []
  const actions: string[] = []
  const backends: string[] = []
  let files: Record<string, string> = {}
  for (const [index, rule] of listener.rules.entries()) {
    const number = index + 1
    const prefix = `${named(listener.id)}-r${number}`
    const lists = accessLists(prefix, rule.conditions, folder)
    const action = actionLines(rule.action, number, prefix, folder)
    lines.push(...lists.lines)
    const holds = ['!{ var(txn.rule) -m found }', ...lists.names].join(' ')
    chosen.push(`http-request set-var(txn.rule) int(${number}) if ${holds}`)
    for (const line of action.lines) (line.startsWith('use_backend') ? backends : actions).push(line)
    files = { ...files, ...lists.files, ...action.files }
  }
  // Rules are chosen before any of them acts: HAProxy would act on a later one first where only that one answers itself.
  return { lines: [...lines, ...chosen, ...actions, ...backends], files }
}

const web = (plan: BalancerPlan, listener: ListenerPlan, folder: string): Lines => {
  const rules = webRules(listener, folder)
  return {
    lines: [
      'mode http',
      `timeout http-request ${HEADER_SECONDS}s`,
      `timeout http-keep-alive ${plan.idleTimeoutSeconds}s`,
      'option http-buffer-request',
      ...(plan.dropInvalidHeaders ? [] : ['option accept-invalid-http-request']),
      ...REQUEST_HEADERS,
      ...rules.lines,
    ],
    files: rules.files,
  }
}

const stream = (listener: ListenerPlan): Lines => {
  const action = listener.rules.at(-1)?.action
  const id = action?.do === 'forward' ? action.groups[0]?.id : undefined
  return { lines: ['mode tcp', ...(id === undefined ? [] : [`default_backend ${backendOf(id)}`])], files: {} }
}

/** `folder` is where HAProxy finds the files. */
export const frontend = (plan: BalancerPlan, listener: ListenerPlan, folder: string): Lines => {
  const isWeb = listener.protocol === 'HTTP' || listener.protocol === 'HTTPS'
  const rest = isWeb ? web(plan, listener, folder) : stream(listener)
  return {
    lines: [
      `frontend l-${named(listener.id)}`,
      ...[...binds(plan, listener, folder), `timeout client ${plan.idleTimeoutSeconds}s`, ...rest.lines].map(
        (line) => `  ${line}`,
      ),
    ],
    files: { ...certificates(listener, folder), ...rest.files },
  }
}
