// What a question about a path is, and its answer: step by step who was asked, and by what it passed or was stopped.

import type { InterfacePlan, VpcPlan } from './network.ts'

/** All that decides about packets at one moment. */
export interface NetworkSnapshot {
  readonly vpcs: readonly VpcPlan[]
  /** Those that are attached. */
  readonly interfaces: readonly InterfacePlan[]
  /** False: nothing leaves the machine, whatever the plans say. */
  readonly egressAllowed: boolean
  /** Of the machine itself: tasks find nothing there. */
  readonly hostAddresses?: readonly string[]
}

/** About the first packet of a flow, and its answers. */
export interface PathQuestion {
  /** An attached interface, the machine itself, or an address outside of every VPC. */
  readonly from: { readonly interfaceId: string } | { readonly outside: string } | 'host'
  /** An address as the sender sees it. */
  readonly to: string
  /** "icmp" is ICMPv6 for an IPv6 address. */
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  /** Of ICMP: the type. */
  readonly port: number
}

export interface PathStep {
  readonly way: 'there' | 'back'
  readonly asked: 'interface' | 'security-group' | 'network-acl' | 'route' | 'gateway' | 'router' | 'host'
  readonly passes: boolean
  /** Of who was asked, e.g. "acl-…"; of several groups, the one that let it pass. */
  readonly id?: string
  /** What in there decided: the id of a rule, the number of an entry ("*" for the last), the destination of a route. */
  readonly by?: string
  readonly says: string
}

export interface PathExplanation {
  readonly allowed: boolean
  /** Up to the first that stops the packet. */
  readonly steps: readonly PathStep[]
}
