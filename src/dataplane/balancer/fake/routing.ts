// Where a plan sends a request, by the plan alone: rules in their order, groups by weight, targets in turn. Pure but for
// whose turn it is. What it leaves out: stickiness, slow start, algorithms other than round robin.

import { BlockList } from 'node:net'
import {
  type ActionPlan,
  type BalancerPlan,
  type ConditionPlan,
  type RulePlan,
  takesDatagrams,
  type TargetObservation,
  type TargetPlan,
} from '../balancer.ts'
import { eligibleTargets } from '../eligible.ts'
import { pairPattern, wholePattern } from '../wildcards.ts'

export interface FakeRequest {
  /** The listener's port. */
  readonly port: number
  /** "GET" when absent. */
  readonly method?: string
  /** With its query, if any. */
  readonly path: string
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** The client's address; "127.0.0.1" when absent. */
  readonly source?: string
}

export interface FakeAnswer {
  /** 200 where a target answers. */
  readonly status: number
  /** "address:port" of the target that answers. */
  readonly target?: string
  readonly groupId?: string
  readonly location?: string
  readonly body?: string
}

const some = (patterns: readonly string[], value: string | undefined, flags = ''): boolean =>
  value !== undefined && patterns.some((one) => new RegExp(one, flags).test(value))

const within = (cidrs: readonly string[], source: string): boolean => {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [base = '', length] = cidr.split('/')
    list.addSubnet(base, Number(length), base.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list.check(source, source.includes(':') ? 'ipv6' : 'ipv4')
}

const partsOf = (path: string): { readonly path: string; readonly query: string } => {
  const at = path.indexOf('?')
  return at < 0 ? { path, query: '' } : { path: path.slice(0, at), query: path.slice(at + 1) }
}

const hostOf = ({ headers }: FakeRequest): string => (headers?.['host'] ?? '').replace(/:\d*$/, '')

const holds = (condition: ConditionPlan, request: FakeRequest): boolean => {
  const { path, query } = partsOf(request.path)
  switch (condition.on) {
    case 'path':
      return some(condition.patterns.map(wholePattern), path)
    case 'host':
      return some(condition.patterns.map(wholePattern), hostOf(request), 'i')
    case 'header':
      return some(condition.patterns.map(wholePattern), request.headers?.[condition.name.toLowerCase()], 'i')
    case 'method':
      return condition.methods.includes(request.method ?? 'GET')
    case 'query':
      return some(condition.pairs.map(pairPattern), query, 'i')
    case 'source':
      return within(condition.cidrs, request.source ?? '127.0.0.1')
  }
}

const ruleFor = (rules: readonly RulePlan[], request: FakeRequest): RulePlan | undefined =>
  rules.find(({ conditions }) => conditions.every((condition) => holds(condition, request)))

const redirection = (action: Extract<ActionPlan, { do: 'redirect' }>, request: FakeRequest): FakeAnswer => {
  const { path, query } = partsOf(request.path)
  const parts: Readonly<Record<string, string>> = {
    protocol: 'http',
    host: hostOf(request),
    port: String(request.port),
    path: path.slice(1),
    query,
  }
  const filled = (text: string): string => text.replaceAll(/#\{(\w+)\}/g, (whole, name) => parts[name] ?? whole)
  const search = filled(action.query)
  const place = `${filled(action.protocol).toLowerCase()}://${filled(action.host)}:${filled(action.port)}${filled(action.path)}`
  return { status: action.status, location: search === '' ? place : `${place}?${search}` }
}

/** Whose turn it is, of groups by rule and of targets by group. */
export class Turns {
  readonly #taken = new Map<string, number>()

  /** One of them, each as often as its weight says; undefined when all weights are 0. */
  next<T extends { readonly weight: number }>(key: string, all: readonly T[]): T | undefined {
    const total = all.reduce((sum, { weight }) => sum + weight, 0)
    if (total === 0) return undefined
    const turn = this.#taken.get(key) ?? 0
    this.#taken.set(key, turn + 1)
    let left = turn % total
    return all.find(({ weight }) => (left -= weight) < 0)
  }
}

const eligible = (plan: BalancerPlan, groupId: string, seen: readonly TargetObservation[]): TargetPlan[] => {
  const group = plan.groups.find(({ id }) => id === groupId)
  if (group === undefined) return []
  return eligibleTargets(
    group,
    ({ address, port }) =>
      seen.find((one) => one.groupId === groupId && one.address === address && one.port === port)?.health ?? 'unknown',
  )
}

/** Where a datagram of a flow goes that went to `before` until now; undefined where none is heard. */
export const flowTarget = (
  plan: BalancerPlan,
  seen: readonly TargetObservation[],
  port: number,
  before: string | undefined,
  turns: Turns,
): string | undefined => {
  const listener = plan.listeners.find((one) => one.port === port && takesDatagrams(one))
  const action = listener?.rules.at(-1)?.action
  if (listener === undefined || action?.do !== 'forward') return undefined
  const leaving = action.groups.flatMap(({ id }) =>
    (plan.groups.find((group) => group.id === id)?.targets ?? []).filter(({ isDraining }) => isDraining),
  )
  const open = action.groups.flatMap(({ id }) => eligible(plan, id, seen))
  if ([...leaving, ...open].some(({ address, port: at }) => `${address}:${at}` === before)) return before
  const group = turns.next(JSON.stringify(action), action.groups)
  const targets = group === undefined ? [] : eligible(plan, group.id, seen)
  return turns.next(
    `${listener.id} ${group?.id} datagrams`,
    targets.map(({ address, port: at }) => ({ name: `${address}:${at}`, weight: 1 })),
  )?.name
}

/** Undefined when nothing listens there. */
export const answerTo = (
  plan: BalancerPlan,
  seen: readonly TargetObservation[],
  request: FakeRequest,
  turns: Turns,
): FakeAnswer | undefined => {
  const listener = plan.listeners.find(({ port }) => port === request.port)
  if (listener === undefined || listener.protocol === 'UDP') return undefined
  const action = ruleFor(listener.rules, request)?.action
  switch (action?.do) {
    case 'redirect':
      return redirection(action, request)
    case 'respond':
      return { status: action.status, body: action.body }
    case 'forward': {
      const group = turns.next(JSON.stringify(action), action.groups)
      const targets = group === undefined ? [] : eligible(plan, group.id, seen)
      const target = turns.next(
        `${listener.id} ${group?.id}`,
        targets.map(({ address, port }) => ({ name: `${address}:${port}`, weight: 1 })),
      )
      if (group === undefined || target === undefined) return { status: 503 }
      return { status: 200, target: target.name, groupId: group.id }
    }
    case undefined:
      return undefined
  }
}
