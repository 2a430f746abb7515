// The EC2 networking resources that others refer to, as records.

import type { Tag } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'

export type * from './vpc-addition-records.ts'

export interface VpcRecord {
  /** "vpc-…" */
  readonly id: string
  readonly scope: Scope
  /** All IPv4 blocks, the one the VPC was made with first. */
  readonly cidrs: readonly string[]
  /** Ids of the later blocks; a block that is not here has an id that follows from the VPC's. */
  readonly cidrAssociations?: readonly CidrAssociation[]
  readonly ipv6Cidrs?: readonly CidrAssociation[]
  /** "dopt-…" or "default": no options. Absent: the default options of the account and region. */
  readonly dhcpOptionsId?: string
  readonly isDefault: boolean
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
  /** False when absent. */
  readonly enableNetworkAddressUsageMetrics?: boolean
  /** "default" when absent. */
  readonly instanceTenancy?: 'default' | 'dedicated'
  readonly tags: readonly Tag[]
}

/** An address block of a VPC or subnet that came by an Associate call. */
export interface CidrAssociation {
  /** "vpc-cidr-assoc-…" or "subnet-cidr-assoc-…" */
  readonly id: string
  readonly cidr: string
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
  /** At most one. */
  readonly ipv6Cidrs?: readonly CidrAssociation[]
  /** This and the following are false when absent. */
  readonly assignIpv6AddressOnCreation?: boolean
  readonly ipv6Native?: boolean
  readonly enableDns64?: boolean
  readonly enableResourceNameDnsARecord?: boolean
  readonly enableResourceNameDnsAAAARecord?: boolean
  /** "ip-name" when absent. */
  readonly hostnameType?: 'ip-name' | 'resource-name'
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

/** Whether a route is a black hole follows from what its target is now: `routeState` of route.ts. */
export interface RouteRecord {
  /** Exactly one of these three. */
  readonly destinationCidr?: string
  readonly destinationIpv6Cidr?: string
  readonly destinationPrefixListId?: string
  /** "local", or the id of an internet gateway (igw-), NAT gateway (nat-), egress-only internet gateway (eigw-),
   * network interface (eni-) or gateway endpoint (vpce-). */
  readonly target: string
}

/** With a subnet, or an internet gateway, or as the VPC's main table when it names neither. */
export interface RouteTableAssociationRecord {
  readonly id: string
  readonly subnetId?: string
  /** The table says where what comes in by the gateway goes. */
  readonly gatewayId?: string
}

export interface RouteTableRecord {
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly isMain: boolean
  readonly associations: readonly RouteTableAssociationRecord[]
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
    /** The primary one. */
    readonly privateIp: string
    readonly secondaryPrivateIps?: readonly string[]
    readonly ipv6Addresses?: readonly string[]
    readonly mac: string
    /** Given with the interface, or that of the elastic IP that is associated with `privateIp`. */
    readonly publicIp?: string
    readonly securityGroupIds: readonly string[]
    readonly description: string
    /** "interface" when absent. */
    readonly interfaceType?: 'interface' | 'nat_gateway' | 'vpc_endpoint' | 'network_load_balancer'
    /** True when absent. */
    readonly sourceDestCheck?: boolean
    /**
     * True: there is no namespace behind it, and the controller has nothing to attach. The VPC's router answers for
     * its addresses (a NAT gateway's, an endpoint's), or nobody does (one that a user made). False when absent.
     */
    readonly isAddressOnly?: boolean
    /** The part of AWS that made it for something else, e.g. "amazon-elb"; absent: made by a user, or see `ownerArn`. */
    readonly requesterId?: string
    readonly clientToken?: string
    /** What it was made for, e.g. the task's ARN or a NAT gateway's id; such interfaces are requester-managed. */
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

/** An elastic IP address. */
export interface AddressRecord {
  /** "eipalloc-…" */
  readonly id: string
  readonly scope: Scope
  readonly publicIp: string
  /** "eipassoc-…"; this and the next two are there while it is associated. */
  readonly associationId?: string
  readonly networkInterfaceId?: string
  readonly privateIp?: string
  /** The NAT gateway that holds it: it cannot be taken away before that is deleted. */
  readonly natGatewayId?: string
  readonly tags: readonly Tag[]
}

export interface NatGatewayRecord {
  /** "nat-…" */
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly subnetId: string
  readonly connectivityType: 'public' | 'private'
  /** Absent for a private one. */
  readonly allocationId?: string
  readonly associationId?: string
  readonly publicIp?: string
  /** These two: absent when the gateway failed. */
  readonly networkInterfaceId?: string
  readonly privateIp?: string
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted' | 'failed'
  readonly failureCode?: string
  readonly failureMessage?: string
  /** ISO 8601. */
  readonly createdAt: string
  /** ISO 8601. Deleted and failed gateways are shown for about an hour. */
  readonly deletedAt?: string
  readonly clientToken?: string
  readonly tags: readonly Tag[]
}

export interface EgressOnlyInternetGatewayRecord {
  /** "eigw-…" */
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly clientToken?: string
  readonly tags: readonly Tag[]
}

/** An address that was in use a moment ago: late packets for its last owner must not reach a new one. */
export interface ReleasedAddressRecord {
  readonly scope: Scope
  /** These two: absent for an elastic IP address, which is of no subnet. */
  readonly subnetId?: string
  readonly privateIp?: string
  readonly publicIp?: string
  /** Milliseconds since 1970. */
  readonly releasedAtMs: number
}
