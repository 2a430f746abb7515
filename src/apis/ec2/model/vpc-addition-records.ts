// Records of what is added to a VPC: network ACLs, DHCP options, endpoints, prefix lists and flow logs.

import type { Tag } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'

export interface NetworkAclEntryRecord {
  /** 1 to 32766; 32767 is the final "deny all", which nobody can change. */
  readonly ruleNumber: number
  readonly direction: 'ingress' | 'egress'
  /** An IANA number, or "-1" for all. */
  readonly protocol: string
  readonly action: 'allow' | 'deny'
  /** Exactly one of these two. */
  readonly cidrIpv4?: string
  readonly cidrIpv6?: string
  /** TCP and UDP only. */
  readonly fromPort?: number
  readonly toPort?: number
  /** ICMP and ICMPv6 only; -1 is all. */
  readonly icmpType?: number
  readonly icmpCode?: number
}

/** Every VPC has a default one; the VPCs of older versions have it from the moment somebody asks. */
export interface NetworkAclRecord {
  /** "acl-…" */
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly isDefault: boolean
  readonly entries: readonly NetworkAclEntryRecord[]
  /** "aclassoc-…"; a subnet that no list of the VPC names is associated with the default one. */
  readonly associations: readonly { readonly id: string; readonly subnetId: string }[]
  readonly clientToken?: string
  readonly tags: readonly Tag[]
}

export interface DhcpOptionsRecord {
  /** "dopt-…" */
  readonly id: string
  readonly scope: Scope
  /** e.g. "domain-name-servers" and ["AmazonProvidedDNS"]. */
  readonly options: readonly { readonly key: string; readonly values: readonly string[] }[]
  /** Those that VPCs of the account and region start with. */
  readonly isDefault: boolean
  readonly tags: readonly Tag[]
}

export interface VpcEndpointRecord {
  /** "vpce-…" */
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly type: 'Gateway' | 'Interface'
  /** e.g. "com.amazonaws.eu-west-1.s3" */
  readonly serviceName: string
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted' | 'failed'
  readonly policyDocument?: string
  /** Gateway endpoints only. */
  readonly routeTableIds: readonly string[]
  /** The following four: interface endpoints only. */
  readonly subnetIds: readonly string[]
  readonly securityGroupIds: readonly string[]
  readonly networkInterfaceIds: readonly string[]
  readonly privateDnsEnabled: boolean
  /** ISO 8601. */
  readonly createdAt: string
  readonly clientToken?: string
  readonly tags: readonly Tag[]
}

export interface PrefixListEntryRecord {
  readonly cidr: string
  readonly description?: string
}

/** A customer-managed prefix list. Those of AWS's services are not stored. */
export interface PrefixListRecord {
  /** "pl-…" */
  readonly id: string
  readonly scope: Scope
  readonly name: string
  readonly addressFamily: 'IPv4' | 'IPv6'
  /** What counts against the quotas of rules and routes that name the list. */
  readonly maxEntries: number
  /** From 1 up. */
  readonly version: number
  readonly entries: readonly PrefixListEntryRecord[]
  /** What can be restored, the oldest first. */
  readonly earlierVersions?: readonly {
    readonly version: number
    readonly entries: readonly PrefixListEntryRecord[]
  }[]
  readonly clientToken?: string
  readonly tags: readonly Tag[]
}

export interface FlowLogRecord {
  /** "fl-…" */
  readonly id: string
  readonly scope: Scope
  /** The id of a VPC, subnet or network interface. */
  readonly resourceId: string
  /** The VPC that the resource is, or is of. Absent in rows of older versions: they collect nothing. */
  readonly vpcId?: string
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL'
  readonly destinationType: 'cloud-watch-logs' | 's3' | 'kinesis-data-firehose'
  readonly logGroupName?: string
  /** An ARN. */
  readonly logDestination?: string
  readonly deliverLogsPermissionArn?: string
  readonly maxAggregationIntervalSeconds: 60 | 600
  /** AWS's default format, version 2, when absent. */
  readonly logFormat?: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly clientToken?: string
  readonly tags: readonly Tag[]
  /** Written by whoever delivers the records. */
  readonly deliverStatus?: 'SUCCESS' | 'FAILED'
  readonly deliverError?: string
}

/** An interface that is gone while flow logs still have to tell of it. */
export interface DepartedInterfaceRecord {
  /** "eni-…" */
  readonly id: string
  readonly scope: Scope
  readonly vpcId: string
  readonly subnetId: string
  readonly availabilityZone: string
  /** IPv4 and IPv6, the primary one first. */
  readonly addresses: readonly string[]
  readonly publicIp?: string
  readonly ownerArn?: string
  /** ISO 8601. */
  readonly attachedAt: string
  /** Milliseconds since 1970. */
  readonly departedAtMs: number
}
