// The EC2 networking resources that others refer to, as records.

import type { Tag } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'

export interface VpcRecord {
  /** "vpc-…" */
  readonly id: string
  readonly scope: Scope
  readonly cidrs: readonly string[]
  readonly isDefault: boolean
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
  readonly tags: readonly Tag[]
}

export interface SubnetRecord {
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly cidr: string
  /** e.g. "eu-west-1a" */
  readonly availabilityZone: string
  readonly mapPublicIpOnLaunch: boolean
  readonly defaultForAz: boolean
  readonly tags: readonly Tag[]
}

export interface SecurityGroupRuleRecord {
  /** "sgr-…" */
  readonly id: string
  readonly direction: 'ingress' | 'egress'
  /** "tcp", "udp", "icmp", "icmpv6", "-1" or a number. */
  readonly protocol: string
  readonly fromPort?: number
  readonly toPort?: number
  readonly cidrIpv4?: string
  readonly cidrIpv6?: string
  readonly prefixListId?: string
  readonly referencedGroupId?: string
  readonly description?: string
  readonly tags: readonly Tag[]
}

export interface SecurityGroupRecord {
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly name: string
  readonly description: string
  readonly rules: readonly SecurityGroupRuleRecord[]
  readonly tags: readonly Tag[]
}

export interface InternetGatewayRecord {
  readonly id: string
  readonly scope: Scope
  readonly vpcId?: string
  readonly tags: readonly Tag[]
}

export interface RouteRecord {
  readonly destinationCidr: string
  /** "local", an internet gateway's or a NAT gateway's id. */
  readonly target: string
}

export interface RouteTableRecord {
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly isMain: boolean
  readonly associations: readonly { readonly id: string; readonly subnetId?: string }[]
  readonly routes: readonly RouteRecord[]
  readonly tags: readonly Tag[]
}

/** Spec and status as everywhere: whoever wants an interface records it, the network-interface controller attaches it. */
export interface NetworkInterfaceRecord {
  /** "eni-…" */
  readonly id: string
  readonly scope: Scope
  readonly spec: {
    readonly vpcId: string
    readonly subnetId: string
    readonly availabilityZone: string
    readonly privateIp: string
    readonly mac: string
    readonly publicIp?: string
    readonly securityGroupIds: readonly string[]
    readonly description: string
    /** The ECS attachment, e.g. the task's ARN; such interfaces are requester-managed. */
    readonly ownerArn?: string
    readonly tags: readonly Tag[]
    /** ISO 8601. */
    readonly createdAt: string
    /** The owner is done with it: detach, then forget the row. */
    readonly deleteRequested: boolean
  }
  readonly status: {
    readonly state: 'pending' | 'attached' | 'failed'
    readonly namespacePath?: string
    /** ISO 8601. */
    readonly attachedAt?: string
    /** Why it failed. */
    readonly reason?: string
  }
}

/** An address that was in use a moment ago: late packets for its last owner must not reach a new one. */
export interface ReleasedAddressRecord {
  readonly scope: Scope
  readonly subnetId: string
  readonly privateIp: string
  readonly publicIp?: string
  /** Milliseconds since 1970. */
  readonly releasedAtMs: number
}
