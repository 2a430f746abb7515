// The world of the conformance suite: what an implementation lays open, and how it is asked and judged.

import { expect, vi } from 'vitest'
import { balancerPlan, listener, PORT } from '#test/balancer/plans.ts'
import type { Balancer, BalancerPlan, GroupPlan, RulePlan } from './balancer.ts'

export type Behaviour = 'well' | 'wrongly' | 'never' | 'refuses'

/** A web server that a test has in its hand; at the same port it answers every datagram, however it behaves. */
export interface ConformanceTarget {
  readonly address: string
  readonly port: number
  /** From now on it answers like that, to health checks and to everything else. */
  behave(how: Behaviour): Promise<void>
}

export interface ConformanceRequest {
  readonly port: number
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ConformanceAnswer {
  readonly status: number
  /** "address:port" of the target that answered. */
  readonly target?: string
  readonly location?: string
  readonly body?: string
}

export interface BalancerHarness {
  /** As of a control plane that has just started, after `restart`. */
  balancer(): Balancer
  restart(): void
  readonly doors: BalancerPlan['doors']
  readonly hostAddresses: readonly string[]
  target(how: Behaviour): Promise<ConformanceTarget>
  /** Undefined when nothing listens there. */
  send(id: string, request: ConformanceRequest): Promise<ConformanceAnswer | undefined>
  /** Which target, "address:port", answers a datagram of that client; undefined when nobody does. */
  datagram(id: string, port: number, client: string): Promise<string | undefined>
  /** All of a load balancer's processes die. */
  kill(id: string): Promise<void>
  close(): Promise<void>
}

export const ID = 'app-conformance'
/** A health check takes a second, and this machine may be busy. */
export const PATIENCE = { timeout: 60_000, interval: 20 }

export const addressOf = ({ address, port }: ConformanceTarget): string => `${address}:${port}`

export interface BalancerTools {
  readonly harness: () => BalancerHarness
  /** One web listener with these rules. */
  readonly plan: (groups: readonly GroupPlan[], ...rules: readonly RulePlan[]) => BalancerPlan
  readonly apply: (groups: readonly GroupPlan[], ...rules: readonly RulePlan[]) => Promise<void>
  readonly send: (path?: string, more?: Partial<ConformanceRequest>) => Promise<ConformanceAnswer | undefined>
  /** By target; with the reason where it is not healthy. */
  readonly health: () => Promise<Record<string, string>>
  /** Resolves when the targets, and no others, are so. */
  readonly until: (wanted: readonly (readonly [ConformanceTarget, string])[]) => Promise<void>
  /** Who answers, of so many requests: targets, and statuses that are nobody's; sorted. */
  readonly answerers: (count: number, path?: string) => Promise<string[]>
  readonly untilAnsweredBy: (...targets: readonly ConformanceTarget[]) => Promise<void>
}

export const balancerTools = (harness: () => BalancerHarness): BalancerTools => {
  const plan: BalancerTools['plan'] = (groups, ...rules) =>
    balancerPlan(harness(), groups, [listener(rules)], { id: ID })
  const send: BalancerTools['send'] = (path = '/', more = {}) => harness().send(ID, { port: PORT, path, ...more })
  const health: BalancerTools['health'] = async () =>
    Object.fromEntries(
      ((await harness().balancer().targets(ID)) ?? []).map((seen) => [
        `${seen.address}:${seen.port}`,
        [seen.health, seen.failure?.why].filter((word) => word !== undefined).join(' '),
      ]),
    )
  const until: BalancerTools['until'] = async (wanted) =>
    vi.waitFor(
      async () =>
        expect(await health()).toEqual(Object.fromEntries(wanted.map(([target, how]) => [addressOf(target), how]))),
      PATIENCE,
    )
  const answerers: BalancerTools['answerers'] = async (count, path) => {
    const found = new Set<string>()
    for (let index = 0; index < count; index++) {
      const answer = await send(path)
      found.add(answer?.target ?? `${answer?.status}`)
    }
    return [...found].toSorted()
  }
  const untilAnsweredBy: BalancerTools['untilAnsweredBy'] = (...targets) =>
    vi.waitFor(
      async () => expect(await answerers(targets.length * 3)).toEqual(targets.map(addressOf).toSorted()),
      PATIENCE,
    )
  return {
    harness,
    plan,
    apply: (...args) =>
      harness()
        .balancer()
        .apply(plan(...args)),
    send,
    health,
    until,
    answerers,
    untilAnsweredBy,
  }
}
