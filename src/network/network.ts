// The contract of what connects tasks: VPC routers, interfaces, security groups. It is told what to be, whole, and
// makes it so; it never looks anything up. Everything is idempotent and safe to repeat after a crash.

import type { FlowCounter } from './flow-counter.ts'

/** A protocol as security groups know it. "-1" is all. */
export type IpProtocol = 'tcp' | 'udp' | 'icmp' | 'icmpv6' | '-1' | `${number}`

/** One direction is implied by where the rule stands. Several sources in one rule are several rules. */
export interface SecurityRule {
  /** "sgr-…". Decides nothing: explanations name it. */
  readonly id?: string
  readonly protocol: IpProtocol
  /** tcp/udp: ports, inclusive; icmp: type and code, -1 for all. Absent with "-1". */
  readonly fromPort?: number
  readonly toPort?: number
  /** Exactly one of these names the other side. */
  readonly cidr?: string
  readonly groupId?: string
  readonly cidrs?: readonly string[]
}

export interface SecurityGroupPlan {
  readonly id: string
  readonly ingress: readonly SecurityRule[]
  readonly egress: readonly SecurityRule[]
}

/** Where a route leads: a gateway, or nowhere. Whether the gateway works is for the caller to have looked up. */
export type RouteTarget =
  | 'internet-gateway'
  /** IPv6 only: out, and back for what was asked from inside. */
  | 'egress-only-internet-gateway'
  | 'blackhole'
  /** The id of one of the VPC's NAT gateways. */
  | `nat-${string}`
  /** IPv4 only: the id of one of the VPC's forwarders. */
  | `eni-${string}`

export interface RoutePlan {
  /** An IPv4 or IPv6 block. The longest one that holds an address decides; the VPC's own blocks are local. */
  readonly destination: string
  readonly target: RouteTarget
  /** What the route names, e.g. "igw-…". Decides nothing: explanations name it, also where it is a black hole. */
  readonly targetId?: string
}

export interface NatGatewayPlan {
  /** "nat-…" */
  readonly id: string
  /** Whose network ACL is asked about what passes the gateway, on either side of it. */
  readonly subnetId: string
  /** What the outside sees those who use it as. */
  readonly publicIp: string
}

/** An interface that routes lead to and whose source/destination check is off, as NAT instances have it. */
export interface ForwarderPlan {
  /** "eni-…"; nothing gets through while it is not attached. */
  readonly id: string
  readonly subnetId: string
  readonly privateIp: string
}

/** One entry of a network ACL. Whether the ACL is asked follows from the subnet. */
export interface NetworkAclEntry {
  /** Decides nothing: explanations name it. */
  readonly ruleNumber?: number
  readonly direction: 'ingress' | 'egress'
  readonly action: 'allow' | 'deny'
  readonly protocol: IpProtocol
  /** As in a security rule. */
  readonly fromPort?: number
  readonly toPort?: number
  /** The other side. */
  readonly cidr: string
}

export interface NetworkAclPlan {
  /** "acl-…" */
  readonly id: string
  /** In the order in which they are asked: the first that matches decides, and what none matches is dropped. */
  readonly entries: readonly NetworkAclEntry[]
}

export interface SubnetPlan {
  readonly id: string
  /** e.g. "172.31.0.0/20"; base+1 is the gateway. */
  readonly cidr: string
  /** e.g. "2001:db8:0:1::/64" */
  readonly ipv6Cidr?: string
  /** Of the subnet's route table; those to inside the VPC go without saying. */
  readonly routes: readonly RoutePlan[]
  /** "rtb-…". Decides nothing: explanations name it. */
  readonly routeTableId?: string
  /** Asked about every packet that crosses the subnet's border, whatever is established. Absent: all may pass. */
  readonly networkAclId?: string
}

/** What flow logs want to know. */
export interface FlowLogPlan {
  /** Of the VPC, its subnets or interfaces, IPv4 or IPv6: packets from and to there are counted. */
  readonly blocks: readonly string[]
  /** Whether the ends of TCP connections are told from the rest. */
  readonly tcpFlags: boolean
  /** Seconds since 1970: a span begins then, unless a later one has begun. */
  readonly sinceSeconds: number
}

/**
 * All of one VPC. Applying it replaces what was there, atomically. A flow that is established goes on where AWS lets it:
 * one that a security group tracks does until it ends; one that passes without tracking (TCP or UDP by a rule for
 * everyone, with a rule for everything the other way), and one whose route or address is gone, is cut at once. AWS:
 * "Amazon EC2 security group connection tracking".
 */
export interface VpcPlan {
  readonly id: string
  readonly cidrs: readonly string[]
  readonly ipv6Cidrs?: readonly string[]
  readonly subnets: readonly SubnetPlan[]
  readonly securityGroups: readonly SecurityGroupPlan[]
  readonly natGateways?: readonly NatGatewayPlan[]
  readonly networkAcls?: readonly NetworkAclPlan[]
  readonly forwarders?: readonly ForwarderPlan[]
  /** Absent: nothing is counted, and counting costs nothing. */
  readonly flowLogs?: FlowLogPlan
}

/** One elastic network interface. */
export interface InterfacePlan {
  /** "eni-…" */
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  /** e.g. "172.31.0.17" */
  readonly privateIp: string
  /** Further addresses of the subnet; they may change. Public addresses lead to the first one only. */
  readonly secondaryIps?: readonly string[]
  /** e.g. "2001:db8:0:1::17" */
  readonly ipv6Address?: string
  /** e.g. "0a:1b:2c:3d:4e:5f" */
  readonly mac: string
  readonly securityGroupIds: readonly string[]
  /** No groups are asked about its packets: a network load balancer's that was made without any. */
  readonly isUnguarded?: true
  /** Reachable from outside under this address by those that the subnet routes to an internet gateway. */
  readonly publicIp?: string
}

export interface AttachedInterface {
  readonly id: string
  /** A file that a container joins, e.g. "/run/neargate/netns/eni-…". */
  readonly namespacePath: string
}

export interface NetworkObservation {
  readonly vpcs: readonly { readonly id: string }[]
  readonly interfaces: readonly {
    readonly id: string
    readonly vpcId: string
    readonly privateIp: string
    readonly namespacePath: string
  }[]
}

export interface Network extends FlowCounter {
  /** Makes the VPC's router equal to the plan. Faults: "invalid" for a plan that makes no sense. */
  applyVpc(plan: VpcPlan): Promise<void>
  /** Removes the router and every interface in it; does nothing when there is none. */
  removeVpc(id: string): Promise<void>
  /** Resolves when packets flow as the security groups allow. The VPC must have been applied ("not-found"). */
  attach(plan: InterfacePlan): Promise<AttachedInterface>
  /** Puts an attached interface into other groups, or gives or takes its public and further addresses. */
  update(plan: InterfacePlan): Promise<void>
  /** Does nothing for an unknown id. Resolves when no packet of it flows any more. */
  detach(id: string): Promise<void>
  /** Bytes and packets that passed, as the task sees them; undefined for an unknown id. */
  counters(id: string): Promise<InterfaceCounters | undefined>
  /** Everything that exists for us in the kernel, including what a crashed server forgot. */
  observe(): Promise<NetworkObservation>
  /** Removes everything that observe() sees. */
  destroy(): Promise<void>
}

export interface InterfaceCounters {
  readonly receivedBytes: number
  readonly receivedPackets: number
  readonly receivedErrors: number
  readonly receivedDropped: number
  readonly sentBytes: number
  readonly sentPackets: number
  readonly sentErrors: number
  readonly sentDropped: number
}
