// A balancer without processes or packets, for controllers' tests: it remembers its plans, and its targets are as the
// test says.

import type { Balancer, BalancerCounters, BalancerPlan, TargetObservation } from '../balancer.ts'

export interface FakeTarget {
  /** "healthy" when absent. */
  readonly health?: TargetObservation['health']
  readonly failure?: NonNullable<TargetObservation['failure']>
  /** 0 when absent. */
  readonly sessions?: number
}

export class FakeBalancer implements Balancer {
  readonly plans = new Map<string, BalancerPlan>()
  /** How targets are that no script names. */
  otherwise: FakeTarget = {}
  /** By "address:port". */
  readonly #scripts = new Map<string, FakeTarget>()
  readonly #listeners = new Set<(id: string) => void>()

  /** From now on a target is like that. */
  script(target: string, script: FakeTarget): void {
    this.#scripts.set(target, script)
    for (const id of this.plans.keys()) this.#tell(id)
  }

  /** All of its processes are gone. */
  kill(id: string): void {
    this.plans.delete(id)
    this.#tell(id)
  }

  async apply(plan: BalancerPlan): Promise<void> {
    this.plans.set(plan.id, plan)
  }

  async remove(id: string): Promise<void> {
    this.plans.delete(id)
  }

  async observe(): Promise<string[]> {
    return [...this.plans.keys()]
  }

  async targets(id: string): Promise<TargetObservation[] | undefined> {
    return this.plans.get(id)?.groups.flatMap((group) =>
      group.targets.map(({ address, port }) => {
        const { health = 'healthy', failure, sessions = 0 } = this.#scripts.get(`${address}:${port}`) ?? this.otherwise
        return { groupId: group.id, address, port, health, ...(failure === undefined ? {} : { failure }), sessions }
      }),
    )
  }

  async counters(id: string): Promise<BalancerCounters | undefined> {
    if (!this.plans.has(id)) return undefined
    const nothing = { activeConnections: 0, newConnections: 0, receivedBytes: 0, sentBytes: 0, requests: 0 }
    return { ...nothing, groups: {}, ownResponses: { '3': 0, '4': 0, '5': 0 } }
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id)
  }
}
