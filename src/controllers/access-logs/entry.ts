// One request as a line of an access log. Pure.
// AWS: "Access logs for your Application Load Balancer", "Access log entries".

import { decisionOf, type ListenerRules } from '#apis/elbv2/model/decision.ts'
import { type LoadBalancerRecord, loadBalancerPath } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { timeText } from '#aws/time.ts'
import type { LoggedRequest } from '#dataplane/balancer/balancer.ts'

export interface EntryFacts {
  readonly balancer: LoadBalancerRecord
  /** By id, with their rules by priority. */
  readonly listeners: ReadonlyMap<string, ListenerRules>
  /** By id. */
  readonly groups: ReadonlyMap<string, TargetGroupRecord>
  /** ARNs by the SHA-1 of what is shown, in hex. */
  readonly certificates: ReadonlyMap<string, string>
}

const NONE = '-'

// oxlint-disable-next-line no-control-regex -- these are the ones that end a line
const UNQUOTABLE = /["\\\u0000-\u001f\u007f-\uffff]/g

const byNumber = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** What would end the quotes, or is not printable, is written by its number, as AWS writes it: \x22. */
const quoted = (text: string | undefined): string => `"${(text ?? NONE).replaceAll(UNQUOTABLE, byNumber)}"`

/** ISO 8601 with microseconds. */
export const time = (milliseconds: number): string => timeText(milliseconds).replace('Z', '000Z')

const seconds = (milliseconds: number): string => (milliseconds < 0 ? '-1' : (milliseconds / 1000).toFixed(3))

const place = (at: { readonly address: string; readonly port: number } | undefined): string =>
  at === undefined ? NONE : `${at.address}:${at.port}`

const typeOf = (request: LoggedRequest, group: TargetGroupRecord | undefined): string => {
  const isSecure = request.tlsProtocol !== undefined
  if (request.status === 101) return isSecure ? 'wss' : 'ws'
  if (isSecure && group?.protocolVersion === 'GRPC') return 'grpcs'
  if (isSecure && request.version === 'HTTP/2.0') return 'h2'
  return isSecure ? 'https' : 'http'
}

const requestLine = (request: LoggedRequest, { balancer }: EntryFacts): string => {
  const { method, host, port, path, version } = request
  const scheme = request.tlsProtocol === undefined ? 'http' : 'https'
  const name = (host ?? balancer.dnsName).replace(/:\d*$/, '')
  const where = `${scheme}://${name}:${port}`
  return method === undefined ? `- ${where}- -` : `${method} ${where}${path ?? '/'} ${version ?? NONE}`
}

const requestSeconds = (request: LoggedRequest): string =>
  request.connectMilliseconds < 0
    ? '-1'
    : seconds(request.headerMilliseconds + Math.max(0, request.queueMilliseconds) + request.connectMilliseconds)

/** In the documented order. */
export const accessLogEntry = (request: LoggedRequest, facts: EntryFacts): string => {
  const group = request.groupId === undefined ? undefined : facts.groups.get(request.groupId)
  const decision = decisionOf(facts.listeners.get(request.listenerId), request.rule)
  const target = place(request.target)
  const targetStatus = String(request.targetStatus ?? NONE)
  const isAnswered = request.targetMilliseconds >= 0
  return [
    typeOf(request, group),
    time(request.endedAt),
    loadBalancerPath(facts.balancer),
    place(request.client),
    target,
    requestSeconds(request),
    seconds(request.targetMilliseconds),
    // HAProxy passes on what it gets.
    isAnswered ? '0.000' : '-1',
    String(request.status),
    targetStatus,
    String(request.receivedBytes),
    String(request.sentBytes),
    quoted(requestLine(request, facts)),
    quoted(request.agent),
    request.cipher ?? NONE,
    request.tlsProtocol ?? NONE,
    group?.arn ?? NONE,
    quoted(request.trace),
    quoted(request.serverName),
    quoted(facts.certificates.get((request.certificateSha1 ?? '').toLowerCase())),
    String(decision?.priority ?? NONE),
    time(request.receivedAt),
    quoted(decision?.action),
    quoted(decision?.action === 'redirect' ? request.location : undefined),
    quoted(undefined),
    quoted(target),
    quoted(targetStatus),
    quoted(undefined),
    quoted(undefined),
    `TID_${request.connection}`,
  ].join(' ')
}
