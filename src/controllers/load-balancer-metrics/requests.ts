// What requests to an application load balancer come to, once they have been answered. Pure.

import { decisionOf, type ListenerRules } from '#apis/elbv2/model/decision.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { LoggedRequest } from '#dataplane/balancer/balancer.ts'
import { add, addSome, type Place, type Tally } from './tally.ts'

export interface RequestFacts {
  /** Of each door. */
  readonly zones: readonly (string | undefined)[]
  /** By id. */
  readonly listeners: ReadonlyMap<string, ListenerRules>
  readonly groups: ReadonlyMap<string, TargetGroupRecord>
}

/** Of the statuses that a load balancer answers by itself, those that AWS counts one by one too. */
const OWN_SINGLES = {
  500: 'HTTPCode_ELB_500_Count',
  502: 'HTTPCode_ELB_502_Count',
  503: 'HTTPCode_ELB_503_Count',
  504: 'HTTPCode_ELB_504_Count',
} as const
const OWN = { 3: 'HTTPCode_ELB_3XX_Count', 4: 'HTTPCode_ELB_4XX_Count', 5: 'HTTPCode_ELB_5XX_Count' } as const
const TARGETS = {
  2: 'HTTPCode_Target_2XX_Count',
  3: 'HTTPCode_Target_3XX_Count',
  4: 'HTTPCode_Target_4XX_Count',
  5: 'HTTPCode_Target_5XX_Count',
} as const

const isKeyOf = <T extends object>(key: PropertyKey, of: T): key is keyof T => Object.hasOwn(of, key)

const REDIRECTS = [301, 302]

const ownAnswer = (tally: Tally, request: LoggedRequest, facts: RequestFacts, place: Place, weight: number): void => {
  const { status } = request
  const digit = Math.floor(status / 100)
  if (isKeyOf(digit, OWN)) add(tally, OWN[digit], weight, place)
  if (isKeyOf(status, OWN_SINGLES)) add(tally, OWN_SINGLES[status], weight, place)
  const action = decisionOf(facts.listeners.get(request.listenerId), request.rule)?.action
  if (action === 'fixed-response') add(tally, 'HTTP_Fixed_Response_Count', weight, place)
  if (action === 'redirect' && REDIRECTS.includes(status)) add(tally, 'HTTP_Redirect_Count', weight, place)
}

const targetsAnswer = (tally: Tally, request: LoggedRequest, place: Place, weight: number): void => {
  const { targetStatus = 0, targetMilliseconds } = request
  const digit = Math.floor(targetStatus / 100)
  if (isKeyOf(digit, TARGETS)) add(tally, TARGETS[digit], weight, place)
  if (targetMilliseconds >= 0) {
    add(tally, 'TargetResponseTime', new Map([[targetMilliseconds / 1000, weight]]), place)
  }
}

/** `weight`: how many requests each stands for, where not all were read. */
export const addRequests = (
  tally: Tally,
  requests: readonly LoggedRequest[],
  facts: RequestFacts,
  weight: number,
): void => {
  for (const request of requests) {
    const zone = facts.zones[request.door]
    const group = request.groupId === undefined ? undefined : facts.groups.get(request.groupId)
    const place = { zone, group }
    const { evaluations = 0 } = decisionOf(facts.listeners.get(request.listenerId), request.rule) ?? {}
    addSome(tally, 'RuleEvaluations', evaluations * weight)
    if (request.client.address.includes(':')) {
      add(tally, 'IPv6RequestCount', weight, { zone })
      add(tally, 'IPv6ProcessedBytes', (request.receivedBytes + request.sentBytes) * weight)
    }
    // AWS: requests that are answered before a target is chosen are none of these.
    if (request.target !== undefined) {
      add(tally, 'RequestCount', weight, place)
      if (group?.protocolVersion === 'GRPC') add(tally, 'GrpcRequestCount', weight, { zone })
    }
    if (request.targetStatus === undefined) ownAnswer(tally, request, facts, { zone }, weight)
    else targetsAnswer(tally, request, place, weight)
  }
}

/** Of those that were given to the group, how many found no target there. */
export const withoutTarget = (requests: readonly LoggedRequest[], groupId: string): number =>
  requests.filter((request) => request.groupId === groupId && request.target === undefined).length
