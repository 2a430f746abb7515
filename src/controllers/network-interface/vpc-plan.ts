// What EC2's rows say about one VPC, as the plan of its router. Pure.

import type {
  EgressOnlyInternetGatewayRecord,
  FlowLogRecord,
  InternetGatewayRecord,
  NatGatewayRecord,
  NetworkAclEntryRecord,
  NetworkAclRecord,
  NetworkInterfaceRecord,
  PrefixListRecord,
  RouteRecord,
  RouteTableRecord,
  SecurityGroupRecord,
  SecurityGroupRuleRecord,
  SubnetRecord,
  VpcRecord,
} from '#apis/ec2/model/records.ts'
import { flowLogPlan } from './flow-log-plan.ts'
import type {
  ForwarderPlan,
  IpProtocol,
  NetworkAclEntry,
  NetworkAclPlan,
  RoutePlan,
  RouteTarget,
  SecurityRule,
  VpcPlan,
} from '#network/network.ts'

/** All rows that belong to one VPC, and the prefix lists of its account and region. */
export interface VpcRows {
  readonly vpc: VpcRecord
  readonly subnets: readonly SubnetRecord[]
  readonly securityGroups: readonly SecurityGroupRecord[]
  readonly routeTables: readonly RouteTableRecord[]
  readonly internetGateways: readonly InternetGatewayRecord[]
  readonly natGateways?: readonly NatGatewayRecord[]
  readonly egressOnlyInternetGateways?: readonly EgressOnlyInternetGatewayRecord[]
  readonly networkAcls?: readonly NetworkAclRecord[]
  readonly prefixLists?: readonly PrefixListRecord[]
  /** Those that routes lead to. */
  readonly routedInterfaces?: readonly NetworkInterfaceRecord[]
  readonly flowLogs?: readonly FlowLogRecord[]
  /** Those that flow logs name. */
  readonly loggedInterfaces?: readonly NetworkInterfaceRecord[]
}

const EVERYWHERE = '0.0.0.0/0'

/** A subnet without a route table of its own follows the VPC's main one. */
const routeTableOf = (subnetId: string, tables: readonly RouteTableRecord[]): RouteTableRecord | undefined =>
  tables.find((table) => table.associations.some((association) => association.subnetId === subnetId)) ??
  tables.find((table) => table.isMain)

const isAttached = (id: string, rows: VpcRows): boolean => rows.internetGateways.some((gateway) => gateway.id === id)

/** A public NAT gateway works while its own subnet leads to an internet gateway. */
const natWorks = ({ subnetId, state, publicIp }: NatGatewayRecord, rows: VpcRows): boolean =>
  state === 'available' &&
  publicIp !== undefined &&
  routeTableOf(subnetId, rows.routeTables)?.routes.some(({ target }) => isAttached(target, rows)) === true

/** An interface that checks source and destination takes nothing that is not for itself. */
const forwarders = ({ vpc, routedInterfaces = [] }: VpcRows): ForwarderPlan[] =>
  routedInterfaces
    .filter(({ spec }) => spec.vpcId === vpc.id && spec.sourceDestCheck === false && spec.isAddressOnly !== true)
    .map(({ id, spec }) => ({ id, subnetId: spec.subnetId, privateIp: spec.privateIp }))

/** Undefined for what goes without saying. What leads to nothing that works is a black hole. */
const routeTarget = (target: string, rows: VpcRows): RouteTarget | undefined => {
  if (target === 'local') return undefined
  // Gateway endpoints lead to AWS's own services, which are inside of every VPC here.
  if (target.startsWith('vpce-')) return undefined
  if (isAttached(target, rows)) return 'internet-gateway'
  if ((rows.egressOnlyInternetGateways ?? []).some(({ id }) => id === target)) return 'egress-only-internet-gateway'
  const gateway = (rows.natGateways ?? []).find(({ id }) => id === target)
  if (gateway !== undefined && natWorks(gateway, rows)) return gateway.id as RouteTarget
  return forwarders(rows).some(({ id }) => id === target) ? (target as RouteTarget) : 'blackhole'
}

const blocksOf = (prefixListId: string, rows: VpcRows): string[] =>
  (rows.prefixLists ?? [])
    .filter(({ id }) => id === prefixListId)
    .flatMap(({ entries }) => entries.map(({ cidr }) => cidr))

const routePlans = (route: RouteRecord, rows: VpcRows): RoutePlan[] => {
  const target = routeTarget(route.target, rows)
  if (target === undefined) return []
  const { destinationCidr, destinationIpv6Cidr, destinationPrefixListId } = route
  const blocks = [
    ...[destinationCidr, destinationIpv6Cidr].filter((cidr) => cidr !== undefined),
    ...(destinationPrefixListId === undefined ? [] : blocksOf(destinationPrefixListId, rows)),
  ]
  return blocks.map((destination) => ({ destination, target, targetId: route.target }))
}

const securityRule = (rule: SecurityGroupRuleRecord, groups: ReadonlySet<string>, rows: VpcRows): SecurityRule[] => {
  const common = {
    id: rule.id,
    protocol: rule.protocol as IpProtocol,
    ...(rule.fromPort === undefined ? {} : { fromPort: rule.fromPort }),
    ...(rule.toPort === undefined ? {} : { toPort: rule.toPort }),
  }
  if (rule.cidrIpv4 !== undefined) return [{ ...common, cidr: rule.cidrIpv4 }]
  if (rule.cidrIpv6 !== undefined) return [{ ...common, cidr: rule.cidrIpv6 }]
  if (rule.prefixListId !== undefined) return [{ ...common, cidrs: blocksOf(rule.prefixListId, rows) }]
  // A reference to a group that is gone matches nobody (EC2 calls such a rule stale).
  if (rule.referencedGroupId !== undefined && groups.has(rule.referencedGroupId)) {
    return [{ ...common, groupId: rule.referencedGroupId }]
  }
  return []
}

const aclEntry = (entry: NetworkAclEntryRecord): NetworkAclEntry => {
  const fromPort = entry.fromPort ?? entry.icmpType
  const toPort = entry.toPort ?? entry.icmpCode ?? (entry.icmpType === undefined ? undefined : -1)
  return {
    ruleNumber: entry.ruleNumber,
    direction: entry.direction,
    action: entry.action,
    protocol: entry.protocol as IpProtocol,
    cidr: entry.cidrIpv4 ?? entry.cidrIpv6 ?? EVERYWHERE,
    ...(fromPort === undefined || toPort === undefined ? {} : { fromPort, toPort }),
  }
}

const aclPlan = ({ id, entries }: NetworkAclRecord): NetworkAclPlan => ({
  id,
  entries: entries.toSorted((a, b) => a.ruleNumber - b.ruleNumber).map(aclEntry),
})

/** A subnet that no ACL names has the default one; a VPC of an older version may have none. */
const aclOf = (subnetId: string, acls: readonly NetworkAclRecord[]): string | undefined =>
  (
    acls.find(({ associations }) => associations.some((association) => association.subnetId === subnetId)) ??
    acls.find(({ isDefault }) => isDefault)
  )?.id

/** The router of one VPC. */
export const vpcPlan = (rows: VpcRows): VpcPlan => {
  const groups = new Set(rows.securityGroups.map((group) => group.id))
  const rulesOf = (group: SecurityGroupRecord, direction: SecurityGroupRuleRecord['direction']): SecurityRule[] =>
    group.rules.filter((rule) => rule.direction === direction).flatMap((rule) => securityRule(rule, groups, rows))
  const acls = rows.networkAcls ?? []
  return {
    id: rows.vpc.id,
    cidrs: rows.vpc.cidrs,
    ipv6Cidrs: (rows.vpc.ipv6Cidrs ?? []).map(({ cidr }) => cidr),
    subnets: rows.subnets.map(({ id, cidr, ipv6Cidrs }) => {
      const networkAclId = aclOf(id, acls)
      const table = routeTableOf(id, rows.routeTables)
      const [ipv6] = ipv6Cidrs ?? []
      return {
        id,
        cidr,
        routes: (table?.routes ?? []).flatMap((route) => routePlans(route, rows)),
        ...(table === undefined ? {} : { routeTableId: table.id }),
        ...(ipv6 === undefined ? {} : { ipv6Cidr: ipv6.cidr }),
        ...(networkAclId === undefined ? {} : { networkAclId }),
      }
    }),
    securityGroups: rows.securityGroups.map((group) => ({
      id: group.id,
      ingress: rulesOf(group, 'ingress'),
      egress: rulesOf(group, 'egress'),
    })),
    natGateways: (rows.natGateways ?? []).flatMap((gateway) =>
      gateway.publicIp !== undefined && natWorks(gateway, rows)
        ? [{ id: gateway.id, subnetId: gateway.subnetId, publicIp: gateway.publicIp }]
        : [],
    ),
    networkAcls: acls.map(aclPlan),
    forwarders: forwarders(rows),
    ...flowLogPlan(rows),
  }
}
