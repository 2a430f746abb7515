// Decides what the network must become from what EC2's tables say. Pure.

import { addressAt, knownCidr } from '#apis/ec2/model/cidr.ts'
import { internalDomain } from '#apis/ec2/model/interface-plan.ts'
import type {
  InternetGatewayRecord,
  NetworkInterfaceRecord,
  ReleasedAddressRecord,
  RouteTableRecord,
  SecurityGroupRecord,
  SecurityGroupRuleRecord,
  SubnetRecord,
  VpcRecord,
} from '#apis/ec2/model/records.ts'
import { Fault, type FaultKind } from '#base/fault.ts'
import type {
  InterfacePlan,
  IpProtocol,
  NetworkObservation,
  SecurityRule,
  SubnetPlan,
  VpcPlan,
} from '#network/network.ts'
import { ATTACH_ATTEMPTS } from './limits.ts'
import type { VpcServicesPlan } from './vpc-services.ts'

/** All rows that belong to one VPC. */
export interface VpcRows {
  readonly vpc: VpcRecord
  readonly subnets: readonly SubnetRecord[]
  readonly securityGroups: readonly SecurityGroupRecord[]
  readonly routeTables: readonly RouteTableRecord[]
  readonly internetGateways: readonly InternetGatewayRecord[]
}

/** A subnet without a route table of its own follows the VPC's main one. */
const routeTableOf = (subnet: SubnetRecord, tables: readonly RouteTableRecord[]): RouteTableRecord | undefined =>
  tables.find((table) => table.associations.some((association) => association.subnetId === subnet.id)) ??
  tables.find((table) => table.isMain)

/** Only the default route counts: the network has one way out per subnet. */
const egressOf = (subnet: SubnetRecord, rows: VpcRows): SubnetPlan['egress'] => {
  const target = routeTableOf(subnet, rows.routeTables)?.routes.find(
    (route) => route.destinationCidr === '0.0.0.0/0',
  )?.target
  if (target === undefined) return 'none'
  if (target.startsWith('nat-')) return 'nat-gateway'
  // A route whose gateway was detached is a black hole.
  return rows.internetGateways.some((gateway) => gateway.id === target) ? 'internet-gateway' : 'none'
}

const securityRule = (rule: SecurityGroupRuleRecord, groups: ReadonlySet<string>): SecurityRule[] => {
  const common = {
    protocol: rule.protocol as IpProtocol,
    ...(rule.fromPort === undefined ? {} : { fromPort: rule.fromPort }),
    ...(rule.toPort === undefined ? {} : { toPort: rule.toPort }),
  }
  if (rule.cidrIpv4 !== undefined) return [{ ...common, cidr: rule.cidrIpv4 }]
  if (rule.cidrIpv6 !== undefined) return [{ ...common, cidr: rule.cidrIpv6 }]
  // A reference to a group that is gone matches nobody (EC2 calls such a rule stale).
  if (rule.referencedGroupId !== undefined && groups.has(rule.referencedGroupId)) {
    return [{ ...common, groupId: rule.referencedGroupId }]
  }
  return []
}

/** The router of one VPC. */
export const vpcPlan = (rows: VpcRows): VpcPlan => {
  const groups = new Set(rows.securityGroups.map((group) => group.id))
  const rulesOf = (group: SecurityGroupRecord, direction: SecurityGroupRuleRecord['direction']): SecurityRule[] =>
    group.rules.filter((rule) => rule.direction === direction).flatMap((rule) => securityRule(rule, groups))
  return {
    id: rows.vpc.id,
    cidrs: rows.vpc.cidrs,
    subnets: rows.subnets.map((subnet) => ({ id: subnet.id, cidr: subnet.cidr, egress: egressOf(subnet, rows) })),
    securityGroups: rows.securityGroups.map((group) => ({
      id: group.id,
      ingress: rulesOf(group, 'ingress'),
      egress: rulesOf(group, 'egress'),
    })),
  }
}

/** What the servers inside the VPC are told. */
export const vpcServicesPlan = (vpc: VpcRecord): VpcServicesPlan => ({
  id: vpc.id,
  account: vpc.scope.account,
  region: vpc.scope.region,
  cidrs: vpc.cidrs,
  dnsAddress: addressAt(knownCidr(vpc.cidrs[0]!), 2n),
  enableDnsSupport: vpc.enableDnsSupport,
  internalDomain: internalDomain(vpc.scope.region),
})

export const interfacePlan = (record: NetworkInterfaceRecord): InterfacePlan => ({
  id: record.id,
  vpcId: record.spec.vpcId,
  subnetId: record.spec.subnetId,
  privateIp: record.spec.privateIp,
  mac: record.spec.mac,
  securityGroupIds: record.spec.securityGroupIds,
  ...(record.spec.publicIp === undefined ? {} : { publicIp: record.spec.publicIp }),
})

export type Step =
  | { readonly do: 'attach' | 'update'; readonly plan: InterfacePlan }
  | { readonly do: 'detach' }
  | { readonly do: 'rest' }

const isSamePlan = (a: InterfacePlan, b: InterfacePlan): boolean => JSON.stringify(a) === JSON.stringify(b)

/** `made` is what this process has made of the interface and recorded; undefined when it does not know. */
export const nextStep = (record: NetworkInterfaceRecord, made: InterfacePlan | undefined): Step => {
  if (record.spec.deleteRequested) return { do: 'detach' }
  // The router answers for it, or nobody does.
  if (record.spec.isAddressOnly === true) return { do: 'rest' }
  // Its owner has been told and will ask for the deletion.
  if (record.status.state === 'failed') return { do: 'rest' }
  const plan = interfacePlan(record)
  // Attaching again after a restart is how an interface is adopted: it does nothing to one that is right.
  if (made === undefined) return { do: 'attach', plan }
  return isSamePlan(made, plan) ? { do: 'rest' } : { do: 'update', plan }
}

/** Trying again does not help against these. */
const HOPELESS: ReadonlySet<FaultKind> = new Set(['invalid', 'unsupported', 'denied'])

/** What is recorded about an attachment that failed; undefined while it is worth another try. */
export const failureToRecord = (
  error: unknown,
  attempts: number,
): { readonly state: 'failed'; readonly reason: string } | undefined => {
  const isHopeless = error instanceof Fault && HOPELESS.has(error.kind)
  if (!isHopeless && attempts < ATTACH_ATTEMPTS) return undefined
  // What a bug of ours says is for the log, not for the task's owner.
  return { state: 'failed', reason: error instanceof Fault ? error.message : 'Internal error' }
}

/** What is remembered of an interface that is gone. */
export const releasedAddress = (record: NetworkInterfaceRecord, now: Date): ReleasedAddressRecord => ({
  scope: record.scope,
  subnetId: record.spec.subnetId,
  privateIp: record.spec.privateIp,
  ...(record.spec.publicIp === undefined ? {} : { publicIp: record.spec.publicIp }),
  releasedAtMs: now.getTime(),
})

export interface Differences {
  /** In the kernel, but in no record. */
  readonly strayInterfaces: readonly string[]
  readonly idleVpcs: readonly string[]
  /** Recorded, but not in the kernel. */
  readonly missingInterfaces: ReadonlySet<string>
  readonly missingVpcs: ReadonlySet<string>
}

/** Where kernel and records disagree. */
export const differences = (seen: NetworkObservation, records: readonly NetworkInterfaceRecord[]): Differences => {
  const recorded = new Set(records.map((record) => record.id))
  const used = new Set(records.map((record) => record.spec.vpcId))
  const seenInterfaces = new Set(seen.interfaces.map(({ id }) => id))
  const seenVpcs = new Set(seen.vpcs.map(({ id }) => id))
  return {
    strayInterfaces: [...seenInterfaces.difference(recorded)],
    idleVpcs: [...seenVpcs.difference(used)],
    missingInterfaces: recorded.difference(seenInterfaces),
    missingVpcs: used.difference(seenVpcs),
  }
}
