// A balancer without processes or packets, for controllers' tests: it remembers its plans, its targets are as the test
// says, and it tells where a request would go.

import type { Balancer, BalancerCounters, BalancerPlan, GroupCounters, TargetObservation } from '../balancer.ts'
import { assertSound } from '../soundness.ts'
import { answerTo, type FakeAnswer, type FakeRequest, Turns } from './routing.ts'

export interface FakeTarget {
  /** "healthy" when absent. */
  readonly health?: TargetObservation['health']
  readonly failure?: NonNullable<TargetObservation['failure']>
  /** 0 when absent. */
  readonly sessions?: number
}

/** What outlives a control plane. */
export interface FakeWorld {
  readonly plans: Map<string, BalancerPlan>
  /** What each load balancer has answered. */
  readonly answers: Map<string, FakeAnswer[]>
  /** By "address:port". */
  readonly targets: Map<string, FakeTarget>
}

export const fakeWorld = (): FakeWorld => ({ plans: new Map(), answers: new Map(), targets: new Map() })

const groupCounters = (answers: readonly FakeAnswer[]): GroupCounters => {
  const of = (digit: number): number => answers.filter(({ status }) => Math.floor(status / 100) === digit).length
  return {
    requests: answers.length,
    responses: { '2': of(2), '3': of(3), '4': of(4), '5': of(5) },
    connectionErrors: 0,
    meanResponseTime: 0,
  }
}

export class FakeBalancer implements Balancer {
  readonly #world: FakeWorld
  readonly #listeners = new Set<(id: string) => void>()
  readonly #turns = new Turns()
  /** How targets are that no script names. */
  otherwise: FakeTarget = {}

  constructor(world: FakeWorld = fakeWorld()) {
    this.#world = world
  }

  get plans(): ReadonlyMap<string, BalancerPlan> {
    return this.#world.plans
  }

  /** From now on a target is like that. */
  script(target: string, script: FakeTarget): void {
    this.#world.targets.set(target, script)
    for (const id of this.plans.keys()) this.#tell(id)
  }

  /** All of its processes are gone. */
  kill(id: string): void {
    this.#forget(id)
    this.#tell(id)
  }

  /** What a client gets; undefined when nothing listens there. */
  async answer(id: string, request: FakeRequest): Promise<FakeAnswer | undefined> {
    const plan = this.plans.get(id)
    if (plan === undefined) return undefined
    const answer = answerTo(plan, (await this.targets(id)) ?? [], request, this.#turns)
    if (answer !== undefined) this.#world.answers.get(id)?.push(answer)
    return answer
  }

  async apply(plan: BalancerPlan): Promise<void> {
    assertSound(plan)
    this.#world.plans.set(plan.id, plan)
    if (!this.#world.answers.has(plan.id)) this.#world.answers.set(plan.id, [])
  }

  async remove(id: string): Promise<void> {
    this.#forget(id)
  }

  async observe(): Promise<string[]> {
    return [...this.plans.keys()]
  }

  async targets(id: string): Promise<TargetObservation[] | undefined> {
    return this.plans.get(id)?.groups.flatMap((group) =>
      group.targets.map(({ address, port }) => {
        const script = this.#world.targets.get(`${address}:${port}`) ?? this.otherwise
        const { health = 'healthy', failure, sessions = 0 } = script
        return { groupId: group.id, address, port, health, ...(failure === undefined ? {} : { failure }), sessions }
      }),
    )
  }

  async counters(id: string): Promise<BalancerCounters | undefined> {
    const answers = this.#world.answers.get(id)
    if (answers === undefined) return undefined
    const own = groupCounters(answers.filter(({ target }) => target === undefined)).responses
    return {
      epoch: 0,
      groups: Object.fromEntries(
        (this.plans.get(id)?.groups ?? []).map((group) => [
          group.id,
          groupCounters(answers.filter(({ groupId, target }) => groupId === group.id && target !== undefined)),
        ]),
      ),
      activeConnections: 0,
      newConnections: answers.length,
      receivedBytes: 0,
      sentBytes: 0,
      requests: answers.length,
      ownResponses: { '3': own['3'], '4': own['4'], '5': own['5'] },
    }
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
  }

  #forget(id: string): void {
    this.#world.plans.delete(id)
    this.#world.answers.delete(id)
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id)
  }
}
