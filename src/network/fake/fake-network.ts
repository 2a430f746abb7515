// The network in memory, for scenarios: keeps the whole contract, and answers what packets would find out.

import { Fault } from '#base/fault.ts'
import { explainPath } from '../explain.ts'
import type { FlowCounts, FlowSpan } from '../flow-counter.ts'
import type {
  AttachedInterface,
  InterfaceCounters,
  InterfacePlan,
  Network,
  NetworkObservation,
  VpcPlan,
} from '../network.ts'
import { checkFree, checkInterfacePlan, checkVpcPlan } from '../plan-check.ts'
import { FakeFlowCounter } from './fake-flow-counter.ts'

/** A first packet: what a sender would like to open. */
export interface Probe {
  /** An interface's id, or "host" for the machine itself. */
  readonly from: string
  /** An address as the sender sees it. */
  readonly to: string
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  /** icmp: the type. */
  readonly port: number
}

const NOTHING: InterfaceCounters = {
  receivedBytes: 0,
  receivedPackets: 0,
  receivedErrors: 0,
  receivedDropped: 0,
  sentBytes: 0,
  sentPackets: 0,
  sentErrors: 0,
  sentDropped: 0,
}

export interface FakeNetworkOptions {
  readonly egress?: boolean
}

/** What outlives a crashed server. */
export interface FakeWorld {
  readonly vpcs: Map<string, VpcPlan>
  readonly interfaces: Map<string, InterfacePlan>
  readonly flows?: FakeFlowCounter
}

export class FakeNetwork implements Network {
  readonly #egress: boolean
  readonly #world: FakeWorld
  readonly #flows: FakeFlowCounter

  constructor(options: FakeNetworkOptions = {}, world: FakeWorld = { vpcs: new Map(), interfaces: new Map() }) {
    this.#egress = options.egress ?? true
    this.#world = world
    this.#flows = world.flows ?? new FakeFlowCounter()
  }

  async applyVpc(plan: VpcPlan): Promise<void> {
    checkVpcPlan(plan)
    for (const other of this.#world.interfaces.values()) if (other.vpcId === plan.id) checkInterfacePlan(other, plan)
    this.#world.vpcs.set(plan.id, plan)
    if (plan.flowLogs === undefined) this.#flows.drop(plan.id)
    else this.#flows.begin(plan.id, plan.flowLogs.sinceSeconds)
  }

  async removeVpc(id: string): Promise<void> {
    this.#world.vpcs.delete(id)
    this.#flows.drop(id)
    for (const plan of this.#world.interfaces.values()) if (plan.vpcId === id) this.#world.interfaces.delete(plan.id)
  }

  async attach(plan: InterfacePlan): Promise<AttachedInterface> {
    this.#check(plan)
    this.#world.interfaces.set(plan.id, plan)
    return { id: plan.id, namespacePath: `/fake/netns/${plan.id}` }
  }

  async update(plan: InterfacePlan): Promise<void> {
    if (!this.#world.interfaces.has(plan.id)) throw new Fault('not-found', `${plan.id} is not attached`)
    this.#check(plan)
    this.#world.interfaces.set(plan.id, plan)
  }

  async detach(id: string): Promise<void> {
    this.#world.interfaces.delete(id)
  }

  async counters(id: string): Promise<InterfaceCounters | undefined> {
    return this.#world.interfaces.has(id) ? NOTHING : undefined
  }

  async endFlowSpan(vpcId: string, now: Date): Promise<readonly FlowSpan[]> {
    return this.#world.vpcs.get(vpcId)?.flowLogs === undefined
      ? []
      : this.#flows.begin(vpcId, Math.floor(now.getTime() / 1000))
  }

  async flowCounts(vpcId: string, span: FlowSpan): Promise<FlowCounts> {
    return this.#flows.counts(vpcId, span)
  }

  async forgetFlowSpan(vpcId: string, span: FlowSpan): Promise<void> {
    this.#flows.forget(vpcId, span)
  }

  async observe(): Promise<NetworkObservation> {
    return {
      vpcs: [...this.#world.vpcs.keys()].map((id) => ({ id })),
      interfaces: [...this.#world.interfaces.values()].map(({ id, vpcId, privateIp }) => {
        return { id, vpcId, privateIp, namespacePath: `/fake/netns/${id}` }
      }),
    }
  }

  async destroy(): Promise<void> {
    this.#world.vpcs.clear()
    this.#world.interfaces.clear()
  }

  /** Whether the first packet arrives somewhere that would answer it, and the answer comes back. */
  reaches({ from, ...probe }: Probe): boolean {
    const snapshot = {
      vpcs: [...this.#world.vpcs.values()],
      interfaces: [...this.#world.interfaces.values()],
      egressAllowed: this.#egress,
    }
    return explainPath(snapshot, { ...probe, from: from === 'host' ? from : { interfaceId: from } }).allowed
  }

  #check(plan: InterfacePlan): void {
    const vpc = this.#world.vpcs.get(plan.vpcId)
    if (vpc === undefined) throw new Fault('not-found', `${plan.vpcId} has not been applied`)
    checkInterfacePlan(plan, vpc)
    checkFree(plan, this.#world.interfaces.values())
  }
}
