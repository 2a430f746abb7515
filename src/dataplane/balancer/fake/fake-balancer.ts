// A balancer without processes or packets, for controllers' tests: it remembers its plans, its targets are as the test
// says, and it tells where a request would go.

import type { Balancer, BalancerCounters, BalancerPlan, GroupCounters, TargetObservation } from '../balancer.ts'
import { assertSound } from '../soundness.ts'
import { answerTo, type FakeAnswer, type FakeRequest, flowTarget, Turns } from './routing.ts'

export interface FakeTarget {
  /** "healthy" when absent. */
  readonly health?: TargetObservation['health']
  readonly failure?: NonNullable<TargetObservation['failure']>
  /** When absent, the flows of datagrams that it has. */
  readonly sessions?: number
}

/** What outlives a control plane. */
export interface FakeWorld {
  readonly plans: Map<string, BalancerPlan>
  /** What each load balancer has answered. */
  readonly answers: Map<string, (FakeAnswer & Pick<FakeRequest, 'port'>)[]>
  /** By "address:port". */
  readonly targets: Map<string, FakeTarget>
  /** The target of each flow of datagrams, by "id port client". */
  readonly flows: Map<string, string>
}

export const fakeWorld = (): FakeWorld => ({
  plans: new Map(),
  answers: new Map(),
  targets: new Map(),
  flows: new Map(),
})

/** Of a group that nothing has been asked of. */
export const NOTHING_COUNTED: GroupCounters = {
  requests: 0,
  activeConnections: 0,
  newConnections: 0,
  connectionErrors: 0,
  failedHandshakes: 0,
  failedOpen: 0,
  clientAborts: 0,
  targetAborts: 0,
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
    if (answer !== undefined) this.#world.answers.get(id)?.push({ ...answer, port: request.port })
    return answer
  }

  /** Where a datagram goes; undefined when none is heard there. */
  async datagram(id: string, port: number, client: string): Promise<string | undefined> {
    const plan = this.plans.get(id)
    if (plan === undefined) return undefined
    const { flows } = this.#world
    const flow = `${id} ${port} ${client}`
    const target = flowTarget(plan, (await this.targets(id)) ?? [], port, flows.get(flow), this.#turns)
    if (target === undefined) flows.delete(flow)
    else flows.set(flow, target)
    return target
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
        const { health = 'healthy', failure } = script
        const sessions = script.sessions ?? this.#flowsOf(id, `${address}:${port}`)
        return { groupId: group.id, address, port, health, ...(failure === undefined ? {} : { failure }), sessions }
      }),
    )
  }

  async counters(id: string): Promise<BalancerCounters | undefined> {
    const answers = this.#world.answers.get(id)
    if (answers === undefined) return undefined
    const plan = this.plans.get(id)
    return {
      epoch: 'fake',
      since: 0,
      doors: (plan?.listeners ?? []).map((listener) => ({
        listenerId: listener.id,
        door: 0,
        activeConnections: 0,
        newConnections: answers.filter(({ port }) => port === listener.port).length,
        receivedBytes: 0,
        sentBytes: 0,
        answers: answers.filter(({ port }) => port === listener.port).length,
        failedHandshakes: 0,
      })),
      groups: Object.fromEntries(
        (plan?.groups ?? []).map((group) => [
          group.id,
          { ...NOTHING_COUNTED, requests: answers.filter(({ groupId }) => groupId === group.id).length },
        ]),
      ),
    }
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
  }

  #flowsOf(id: string, target: string): number {
    return [...this.#world.flows].filter(([flow, to]) => flow.startsWith(`${id} `) && to === target).length
  }

  #forget(id: string): void {
    this.#world.plans.delete(id)
    this.#world.answers.delete(id)
    for (const flow of this.#world.flows.keys()) if (flow.startsWith(`${id} `)) this.#world.flows.delete(flow)
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id)
  }
}
