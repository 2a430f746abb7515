// The network in memory, for scenarios: keeps the whole contract, and answers what packets would find out.

import { Fault } from '#base/fault.ts'
import { API_ADDRESS, METADATA_ADDRESS, NEVER_OUTSIDE, RESOLVER_ADDRESS, resolverOf } from '../addresses.ts'
import { address, block, contains } from '../ipv4.ts'
import type {
  AttachedInterface,
  InterfaceCounters,
  InterfacePlan,
  Network,
  NetworkObservation,
  SecurityRule,
  VpcPlan,
} from '../network.ts'
import { checkFree, checkInterfacePlan, checkVpcPlan, isIpv6 } from '../plan-check.ts'

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

const PROTOCOL_NUMBERS = { tcp: '6', udp: '17', icmp: '1' } as const
/** What the host appears as to a task that it reaches under its public address. */
const HOST_ADDRESS = '169.254.64.0'
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
}

const matchesPorts = (rule: SecurityRule, probe: Probe): boolean => {
  const { fromPort = -1, toPort = -1 } = rule
  if (probe.protocol === 'icmp') return fromPort === -1 || (fromPort === probe.port && (toPort === -1 || toPort === 0))
  return fromPort === -1 || (probe.port >= fromPort && probe.port <= toPort)
}

export class FakeNetwork implements Network {
  readonly #egress: boolean
  readonly #world: FakeWorld

  constructor(options: FakeNetworkOptions = {}, world: FakeWorld = { vpcs: new Map(), interfaces: new Map() }) {
    this.#egress = options.egress ?? true
    this.#world = world
  }

  async applyVpc(plan: VpcPlan): Promise<void> {
    checkVpcPlan(plan)
    for (const other of this.#world.interfaces.values()) if (other.vpcId === plan.id) checkInterfacePlan(other, plan)
    this.#world.vpcs.set(plan.id, plan)
  }

  async removeVpc(id: string): Promise<void> {
    this.#world.vpcs.delete(id)
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

  /** Whether the first packet arrives somewhere that would answer it. */
  reaches(probe: Probe): boolean {
    if (probe.from === 'host') return this.#arrivesPublic(HOST_ADDRESS, probe)
    const from = this.#world.interfaces.get(probe.from)
    const vpc = from === undefined ? undefined : this.#world.vpcs.get(from.vpcId)
    if (from === undefined || vpc === undefined) return false
    if ([METADATA_ADDRESS, API_ADDRESS, RESOLVER_ADDRESS, resolverOf(vpc)].includes(probe.to)) return true
    if (!this.#allows(vpc, from, 'egress', probe.to, probe)) return false
    const to = address(probe.to)
    if (vpc.cidrs.some((cidr) => contains(block(cidr), to))) {
      const target = this.#find((plan) => plan.vpcId === vpc.id && plan.privateIp === probe.to)
      return target !== undefined && this.#allows(vpc, target, 'ingress', from.privateIp, probe)
    }
    if (NEVER_OUTSIDE.some((cidr) => contains(block(cidr), to)) || !this.#egress) return false
    const way = vpc.subnets.find(({ id }) => id === from.subnetId)?.egress
    if (way !== 'nat-gateway' && (way !== 'internet-gateway' || from.publicIp === undefined)) return false
    if (this.#find((plan) => plan.publicIp === probe.to) === undefined) return true
    return this.#arrivesPublic(way === 'nat-gateway' ? HOST_ADDRESS : (from.publicIp ?? HOST_ADDRESS), probe)
  }

  #arrivesPublic(source: string, probe: Probe): boolean {
    const target = this.#find((plan) => plan.publicIp === probe.to)
    const vpc = target === undefined ? undefined : this.#world.vpcs.get(target.vpcId)
    const way = vpc?.subnets.find(({ id }) => id === target?.subnetId)?.egress
    if (target === undefined || vpc === undefined || way !== 'internet-gateway') return false
    return this.#allows(vpc, target, 'ingress', source, probe)
  }

  #allows(vpc: VpcPlan, plan: InterfacePlan, direction: 'ingress' | 'egress', other: string, probe: Probe): boolean {
    const value = address(other)
    return vpc.securityGroups
      .filter((group) => plan.securityGroupIds.includes(group.id))
      .flatMap((group) => group[direction])
      .some((rule) => {
        const isProtocol = [probe.protocol, PROTOCOL_NUMBERS[probe.protocol], '-1'].includes(rule.protocol)
        if (!isProtocol || (rule.protocol !== '-1' && !matchesPorts(rule, probe))) return false
        if (rule.groupId !== undefined) {
          const member = this.#find((peer) => peer.vpcId === vpc.id && peer.privateIp === other)
          return member?.securityGroupIds.includes(rule.groupId) === true
        }
        const cidrs = rule.cidrs ?? (rule.cidr === undefined ? [] : [rule.cidr])
        return cidrs.some((cidr) => !isIpv6(cidr) && contains(block(cidr), value))
      })
  }

  #find(matches: (plan: InterfacePlan) => boolean): InterfacePlan | undefined {
    return [...this.#world.interfaces.values()].find(matches)
  }

  #check(plan: InterfacePlan): void {
    const vpc = this.#world.vpcs.get(plan.vpcId)
    if (vpc === undefined) throw new Fault('not-found', `${plan.vpcId} has not been applied`)
    checkInterfacePlan(plan, vpc)
    checkFree(plan, this.#world.interfaces.values())
  }
}
