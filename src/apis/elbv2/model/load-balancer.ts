// A load balancer as a record: what was wished of it, and what its controller has made of that.

import type { LoadBalancerArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { TagRecord } from './tags.ts'

export type LoadBalancerType = 'application' | 'network'
export type LoadBalancerScheme = 'internet-facing' | 'internal'
export type LoadBalancerIpAddressType = 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4'

/** One subnet that the load balancer is to have an interface in. */
export interface SubnetWish {
  readonly subnetId: string
  readonly availabilityZone: string
  /** A network load balancer's: the elastic address it shows to the Internet in this zone. */
  readonly allocationId?: string
  /** A network load balancer's: the private address it is to have in this subnet. */
  readonly privateIp?: string
  readonly ipv6Address?: string
}

/** Written by operations only. */
export interface LoadBalancerSpec {
  /** At most one per availability zone; in the order in which they were given. */
  readonly subnets: readonly SubnetWish[]
  /** Never empty for an application load balancer; a network load balancer may be without. */
  readonly securityGroupIds: readonly string[]
  /** Whether a network load balancer's groups count for what comes by PrivateLink; "on" when absent. */
  readonly enforceGroupsOnPrivateLink?: 'on' | 'off'
  readonly ipAddressType: LoadBalancerIpAddressType
  /** Only what was set: `loadBalancerAttributes` gives all of them. */
  readonly attributes: Readonly<Record<string, string>>
  /** The owner is done with it: no call shows it any more. The controller takes everything down and forgets the row. */
  readonly deleteRequested: boolean
}

/** Where the load balancer answers in one zone. */
export interface ZoneAddress {
  readonly subnetId: string
  readonly availabilityZone: string
  readonly networkInterfaceId: string
  readonly privateIp: string
  /** Those of an internet-facing one. */
  readonly publicIp?: string
  readonly ipv6Address?: string
}

/** Written by the load-balancer controller only. */
export interface LoadBalancerStatus {
  readonly state: 'provisioning' | 'active' | 'active_impaired' | 'failed'
  /** Why it is impaired or failed. */
  readonly reason?: string
  readonly addresses: readonly ZoneAddress[]
  /** On the loopback of the machine that it runs on: where its owner reaches an internet-facing one from there. */
  readonly hostAddress?: string
}

export interface LoadBalancerRecord {
  readonly arn: LoadBalancerArn
  readonly scope: Scope
  readonly name: string
  /** 16 hex digits. */
  readonly id: string
  readonly type: LoadBalancerType
  readonly scheme: LoadBalancerScheme
  readonly vpcId: string
  /** e.g. "web-1234567890.eu-west-1.elb.amazonaws.com" */
  readonly dnsName: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly tags: readonly TagRecord[]
  readonly spec: LoadBalancerSpec
  readonly status: LoadBalancerStatus
}

/** "app/<name>/<id>" or "net/<name>/<id>": in ARNs, in metrics' dimensions, in the description of interfaces. */
export const loadBalancerPath = ({ type, name, id }: Pick<LoadBalancerRecord, 'type' | 'name' | 'id'>): string =>
  `${type === 'application' ? 'app' : 'net'}/${name}/${id}`

/** What EC2 shows as the description of the load balancer's interfaces. */
export const interfaceDescription = (balancer: LoadBalancerRecord): string => `ELB ${loadBalancerPath(balancer)}`

/** Who EC2 says has asked for the load balancer's interfaces. */
export const INTERFACE_REQUESTER = 'amazon-elb'
