// The contract of what connects tasks: VPC routers, interfaces, security groups. It is told what to be, whole, and
// makes it so; it never looks anything up. Everything is idempotent and safe to repeat after a crash.

/** A protocol as security groups know it. "-1" is all. */
export type IpProtocol = 'tcp' | 'udp' | 'icmp' | 'icmpv6' | '-1' | `${number}`

/** One direction is implied by where the rule stands. Several sources in one rule are several rules. */
export interface SecurityRule {
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

export interface SubnetPlan {
  readonly id: string
  /** e.g. "172.31.0.0/20"; base+1 is the gateway. */
  readonly cidr: string
  /** What traffic for outside the VPC may do, resolved from the subnet's route table by the caller. */
  readonly egress: 'none' | 'internet-gateway' | 'nat-gateway'
}

/** All of one VPC. Applying it replaces what was there, atomically, without touching established allowed flows. */
export interface VpcPlan {
  readonly id: string
  readonly cidrs: readonly string[]
  readonly subnets: readonly SubnetPlan[]
  readonly securityGroups: readonly SecurityGroupPlan[]
}

/** One elastic network interface. */
export interface InterfacePlan {
  /** "eni-…" */
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  /** e.g. "172.31.0.17" */
  readonly privateIp: string
  /** e.g. "0a:1b:2c:3d:4e:5f" */
  readonly mac: string
  readonly securityGroupIds: readonly string[]
  /** Reachable from the host under this address while the subnet routes to an internet gateway. */
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

export interface Network {
  /** Makes the VPC's router equal to the plan. Faults: "invalid" for a plan that makes no sense. */
  applyVpc(plan: VpcPlan): Promise<void>
  /** Removes the router and every interface in it; does nothing when there is none. */
  removeVpc(id: string): Promise<void>
  /** Resolves when packets flow as the security groups allow. The VPC must have been applied ("not-found"). */
  attach(plan: InterfacePlan): Promise<AttachedInterface>
  /** Puts an attached interface into other groups, or gives or takes its public address, atomically. */
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
