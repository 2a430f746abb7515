// The network in memory, for scenarios: keeps the whole contract, and answers what packets would find out.

import { Fault } from '#base/fault.ts'
import { API_ADDRESS, METADATA_ADDRESS, NEVER_OUTSIDE, RESOLVER_ADDRESS, resolverOf } from '../addresses.ts'
import type { FlowCounts, FlowSpan } from '../flow-counter.ts'
import type {
  AttachedInterface,
  InterfaceCounters,
  InterfacePlan,
  Network,
  NetworkAclEntry,
  NetworkObservation,
  SecurityRule,
  SubnetPlan,
  VpcPlan,
} from '../network.ts'
import { checkFree, checkInterfacePlan, checkVpcPlan } from '../plan-check.ts'
import { familyOf, holdsAddress, rangeOf } from '../ranges.ts'
import { routeTo } from '../routes.ts'
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

const PROTOCOL_NUMBERS = { tcp: '6', udp: '17', icmp: '1' } as const
/** Where answers go to: some port that a sender is given by its kernel. */
const EPHEMERAL_PORT = 40_000
const ECHO_REPLY = 0
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
  readonly flows?: FakeFlowCounter
}

type Ported = Pick<SecurityRule, 'protocol' | 'fromPort' | 'toPort'>
type Packet = Pick<Probe, 'protocol' | 'port'>

const matches = (rule: Ported, packet: Packet, ipv6: boolean): boolean => {
  if (rule.protocol === '-1') return true
  const names: string[] =
    packet.protocol === 'icmp' && ipv6 ? ['icmpv6', '58'] : [packet.protocol, PROTOCOL_NUMBERS[packet.protocol]]
  if (!names.includes(rule.protocol)) return false
  const { fromPort = -1, toPort = -1 } = rule
  if (fromPort === -1) return true
  if (packet.protocol === 'icmp') return fromPort === packet.port && (toPort === -1 || toPort === 0)
  return packet.port >= fromPort && packet.port <= toPort
}

const isIn = (cidr: string, address: string): boolean => holdsAddress(rangeOf(cidr), address)

const subnetOf = (vpc: VpcPlan, plan: InterfacePlan): SubnetPlan | undefined =>
  vpc.subnets.find(({ id }) => id === plan.subnetId)

/** Whether the network ACL of a subnet lets one packet cross its border. */
const crosses = (
  vpc: VpcPlan,
  subnet: SubnetPlan | undefined,
  way: 'ingress' | 'egress',
  other: string,
  packet: Packet,
): boolean => {
  const acl = vpc.networkAcls?.find(({ id }) => id === subnet?.networkAclId)
  if (acl === undefined) return true
  const decides = (entry: NetworkAclEntry): boolean =>
    entry.direction === way && isIn(entry.cidr, other) && matches(entry, packet, familyOf(other) === 'ip6')
  return acl.entries.find(decides)?.action === 'allow'
}

const answerTo = (probe: Probe): Packet =>
  probe.protocol === 'icmp'
    ? { protocol: 'icmp', port: ECHO_REPLY }
    : { protocol: probe.protocol, port: EPHEMERAL_PORT }

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
  reaches(probe: Probe): boolean {
    if (probe.from === 'host') return this.#arrivesPublic(HOST_ADDRESS, probe)
    const from = this.#world.interfaces.get(probe.from)
    const vpc = from === undefined ? undefined : this.#world.vpcs.get(from.vpcId)
    const subnet = from === undefined || vpc === undefined ? undefined : subnetOf(vpc, from)
    if (from === undefined || vpc === undefined || subnet === undefined) return false
    if ([METADATA_ADDRESS, API_ADDRESS, RESOLVER_ADDRESS, resolverOf(vpc)].includes(probe.to)) return true
    if (!this.#allows(vpc, from, 'egress', probe.to, probe)) return false
    const way = routeTo(vpc, subnet, probe.to)
    if (way === 'local') return this.#arrivesInside(vpc, from, probe)
    if (!this.#crossesBoth(vpc, subnet, 'egress', probe.to, probe)) return false
    if (way === undefined || way === 'blackhole' || familyOf(probe.to) === 'ip6' || !this.#egress) return false
    if (NEVER_OUTSIDE.some((cidr) => isIn(cidr, probe.to))) return false
    const gateway = vpc.natGateways?.find(({ id }) => id === way)
    const source = way === 'internet-gateway' ? from.publicIp : gateway?.publicIp
    if (source === undefined) return false
    return this.#find((plan) => plan.publicIp === probe.to) === undefined || this.#arrivesPublic(source, probe)
  }

  #arrivesInside(vpc: VpcPlan, from: InterfacePlan, probe: Probe): boolean {
    const isIpv6 = familyOf(probe.to) === 'ip6'
    const target = this.#find(
      (plan) => plan.vpcId === vpc.id && (isIpv6 ? plan.ipv6Address : plan.privateIp) === probe.to,
    )
    const source = isIpv6 ? from.ipv6Address : from.privateIp
    if (target === undefined || source === undefined || !this.#allows(vpc, target, 'ingress', source, probe))
      return false
    if (target.subnetId === from.subnetId) return true
    return (
      this.#crossesBoth(vpc, subnetOf(vpc, from), 'egress', probe.to, probe) &&
      this.#crossesBoth(vpc, subnetOf(vpc, target), 'ingress', source, probe)
    )
  }

  #arrivesPublic(source: string, probe: Probe): boolean {
    const target = this.#find((plan) => plan.publicIp === probe.to)
    const vpc = target === undefined ? undefined : this.#world.vpcs.get(target.vpcId)
    const subnet = target === undefined || vpc === undefined ? undefined : subnetOf(vpc, target)
    if (target === undefined || vpc === undefined || subnet === undefined) return false
    if (routeTo(vpc, subnet, source) !== 'internet-gateway') return false
    return (
      this.#crossesBoth(vpc, subnet, 'ingress', source, probe) && this.#allows(vpc, target, 'ingress', source, probe)
    )
  }

  /** There and back: network ACLs remember nothing. */
  #crossesBoth(
    vpc: VpcPlan,
    subnet: SubnetPlan | undefined,
    way: 'ingress' | 'egress',
    other: string,
    probe: Probe,
  ): boolean {
    const back = way === 'ingress' ? 'egress' : 'ingress'
    return crosses(vpc, subnet, way, other, probe) && crosses(vpc, subnet, back, other, answerTo(probe))
  }

  #allows(vpc: VpcPlan, plan: InterfacePlan, direction: 'ingress' | 'egress', other: string, probe: Probe): boolean {
    return vpc.securityGroups
      .filter((group) => plan.securityGroupIds.includes(group.id))
      .flatMap((group) => group[direction])
      .some((rule) => {
        if (!matches(rule, probe, familyOf(other) === 'ip6')) return false
        if (rule.groupId !== undefined) {
          const member = this.#find(
            (peer) => peer.vpcId === vpc.id && [peer.privateIp, peer.ipv6Address].includes(other),
          )
          return member?.securityGroupIds.includes(rule.groupId) === true
        }
        const cidrs = rule.cidrs ?? (rule.cidr === undefined ? [] : [rule.cidr])
        return cidrs.some((cidr) => isIn(cidr, other))
      })
  }

  #find(is: (plan: InterfacePlan) => boolean): InterfacePlan | undefined {
    return [...this.#world.interfaces.values()].find(is)
  }

  #check(plan: InterfacePlan): void {
    const vpc = this.#world.vpcs.get(plan.vpcId)
    if (vpc === undefined) throw new Fault('not-found', `${plan.vpcId} has not been applied`)
    checkInterfacePlan(plan, vpc)
    checkFree(plan, this.#world.interfaces.values())
  }
}
