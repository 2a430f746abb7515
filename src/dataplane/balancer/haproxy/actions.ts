// What a rule does once it has been chosen, in HAProxy's words: forward, redirect or answer.
// AWS: "Rule action types"; "Sticky sessions for your Application Load Balancer".

import type { ActionPlan, BalancerPlan, GroupPlan } from '../balancer.ts'
import type { Lines } from './conditions.ts'
import { literal, named, quoted } from './quoting.ts'
import { pageWords, SERVER } from './refusals.ts'

/** The cookie that keeps a client with the target group it came to. */
const GROUP_COOKIE = 'AWSALBTG'
/** Weights are drawn to this precision. */
const DRAWN_OF = 1_000_000

export const backendOf = (groupId: string): string => `g-${named(groupId)}`

/** The same targets, without health checks: for when too few are healthy. AWS: "routing failover". */
export const openBackendOf = (groupId: string): string => `o-${named(groupId)}`

/** Fewer healthy targets than this, and requests go to all of them. AWS: the default of unhealthy_state_routing. */
const LEAST_HEALTHY = 1

type Forward = Extract<ActionPlan, { do: 'forward' }>

/** The upper bound of each group's share of `DRAWN_OF`; groups of weight 0 get nothing. */
const shares = ({ groups }: Forward): { readonly id: string; readonly upTo: number }[] => {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  return groups
    .filter(({ weight }) => weight > 0)
    .map(({ id, weight }) => ({ id, upTo: Math.round(((sum += weight) / total) * DRAWN_OF) }))
}

/** Each of these conditions sends requests to all targets. The open backend has as many as have been judged, healthy or not. */
const tooFew = (group: GroupPlan, scope: 'txn' | 'sess'): { readonly before: string[]; readonly when: string[] } => {
  const { id, leastHealthy: { count = LEAST_HEALTHY, percentage } = {} } = group
  const healthy = `nbsrv(${backendOf(id)})`
  const byCount = `{ ${healthy} lt ${Math.max(LEAST_HEALTHY, count)} }`
  if (percentage === undefined) return { before: [], when: [byCount] }
  const all = `${scope}.all_${named(id).replaceAll('-', '_')}`
  return {
    before: [`set-var(${all}) nbsrv(${openBackendOf(id)})`],
    when: [byCount, `{ ${healthy},mul(100),div(${all}) lt ${percentage} }`],
  }
}

/** What is cheap to ask, and seldom so, is asked first. */
const use = (group: GroupPlan, condition: string): string[] => {
  const { before, when } = tooFew(group, 'sess')
  return [
    ...before.map((line) => `tcp-request content ${line}`),
    ...when.map((one) => `use_backend ${openBackendOf(group.id)} if ${one} ${condition}`),
    `use_backend ${backendOf(group.id)} if ${condition}`,
  ]
}

/** Groups that want more healthy targets than any. */
const particular = (group: GroupPlan): string[] => {
  if (group.leastHealthy === undefined) return []
  const { before, when } = tooFew(group, 'txn')
  const isChosen = `{ var(txn.group) -m str ${named(group.id)} }`
  return [
    ...before.map((line) => `http-request ${line} if ${isChosen}`),
    ...when.map((one) => `use_backend ${openBackendOf(group.id)} if ${isChosen} ${one}`),
  ]
}

/** Whoever was given `txn.group` goes there. */
export const useChosenGroup = ({ groups }: BalancerPlan): string[] => [
  ...groups.flatMap(particular),
  `use_backend o-%[var(txn.group)] if { var(txn.group) -m found } { str(g-),concat(,txn.group),nbsrv lt ${LEAST_HEALTHY} }`,
  'use_backend g-%[var(txn.group)] if { var(txn.group) -m found }',
]

/** The group of a forward that needs no more than to know where to: to one group, and to whoever asks. */
export const plainGroup = (action: ActionPlan): string | undefined => {
  if (action.do !== 'forward' || action.stickySeconds !== undefined) return undefined
  const [only, ...others] = shares(action)
  return others.length === 0 ? only?.id : undefined
}

/** What a listener that does not look into its connections does with them. */
export const streamLines = (action: Forward, groups: readonly GroupPlan[]): string[] => {
  const parts = shares(action)
  const useOf = (id: string, condition: string): string[] => {
    const group = groups.find((one) => one.id === id)
    return group === undefined ? [] : use(group, condition)
  }
  const [only] = parts
  if (parts.length <= 1) return only === undefined ? [] : useOf(only.id, 'TRUE')
  return [
    // Who is to stay with a group is drawn by where it comes from.
    `tcp-request content set-var(sess.draw) ${action.stickySeconds === undefined ? `rand(${DRAWN_OF})` : `src,xxh32,mod(${DRAWN_OF})`}`,
    ...parts.flatMap(({ id, upTo }) => useOf(id, `{ var(sess.draw) -m int lt ${upTo} }`)),
  ]
}

const forward = (action: Forward, number: number): Lines => {
  const isChosen = `{ var(txn.rule) -m int ${number} }`
  const parts = shares(action)
  const [only] = parts
  if (only === undefined) {
    // AWS: when all weights are 0, clients get 503.
    return { lines: [`http-request return status 503 default-errorfiles if ${isChosen}`], files: {} }
  }
  const lines = [`http-request set-var(txn.draw) rand(${DRAWN_OF}) if ${isChosen}`]
  for (const { id, upTo } of parts.toReversed()) {
    lines.push(`http-request set-var(txn.group) str(${named(id)}) if ${isChosen} { var(txn.draw) -m int lt ${upTo} }`)
  }
  if (action.stickySeconds !== undefined) {
    for (const { id } of parts) {
      lines.push(
        `http-request set-var(txn.group) str(${named(id)}) if ${isChosen} { req.cook(${GROUP_COOKIE}) -m str ${named(id)} }`,
      )
    }
    const attributes = `Expires=%[date(${action.stickySeconds}),http_date]; Path=/`
    const value = (extra: string): string => quoted(`${GROUP_COOKIE}${extra}=%[var(txn.group)]; ${attributes}`)
    lines.push(
      `http-response add-header Set-Cookie ${value('')} if ${isChosen}`,
      `http-response add-header Set-Cookie ${quoted(`${GROUP_COOKIE}CORS=%[var(txn.group)]; ${attributes}; SameSite=None; Secure`)} if ${isChosen}`,
    )
  }
  return { lines, files: {} }
}

const PARTS: Readonly<Record<string, string>> = {
  protocol: '%[ssl_fc,iif(https,http)]',
  host: '%[req.hdr(host),host_only]',
  port: '%[dst_port]',
  path: '%[path,regsub(^/,)]',
  query: '%[query]',
}

/** User's text, with #{…} replaced by what the request has there. */
const filledIn = (text: string): string =>
  text
    .split(/#\{(protocol|host|port|path|query)\}/)
    .map((part, index) => (index % 2 === 0 ? literal(part) : (PARTS[part] ?? '')))
    .join('')

type Redirect = Extract<ActionPlan, { do: 'redirect' }>

const redirect = (action: Redirect, number: number, folder: string): Lines => {
  const { status, protocol, host, port, path, query } = action
  // AWS writes lower-case schemes, whatever is configured.
  const scheme = protocol === '#{protocol}' ? filledIn(protocol) : protocol.toLowerCase()
  const start = `${scheme}://${filledIn(host)}:${filledIn(port)}${filledIn(path)}`
  const isChosen = `{ var(txn.rule) -m int ${number} }`
  const to = (location: string, more = ''): string =>
    `http-request return status ${status} ${pageWords(status, folder)} hdr Location ${quoted(location)} if ${isChosen}${more}`
  if (query === '') return { lines: [to(start)], files: {} }
  const whole = `${start}?${filledIn(query)}`
  // Without a query of its own, a request is not given an empty one.
  return query === '#{query}'
    ? { lines: [to(whole, ' { query -m found } { query -m len gt 0 }'), to(start)], files: {} }
    : { lines: [to(whole)], files: {} }
}

type Respond = Extract<ActionPlan, { do: 'respond' }>

const respond = (action: Respond, number: number, prefix: string, folder: string): Lines => {
  const file = `${prefix}.body`
  const answer = `http-request return status ${action.status}`
  const isChosen = `if { var(txn.rule) -m int ${number} }`
  const header = `hdr Server ${SERVER}`
  if (action.body === '') return { lines: [`${answer} ${header} ${isChosen}`], files: {} }
  return {
    lines: [`${answer} content-type ${quoted(action.contentType)} file ${folder}/${file} ${header} ${isChosen}`],
    files: { [file]: action.body },
  }
}

/** Lines for the rule of that number, once `txn.rule` holds it. */
export const actionLines = (action: ActionPlan, number: number, prefix: string, folder: string): Lines => {
  switch (action.do) {
    case 'forward':
      return forward(action, number)
    case 'redirect':
      return redirect(action, number, folder)
    case 'respond':
      return respond(action, number, prefix, folder)
  }
}
