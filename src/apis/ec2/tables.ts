// The tables of EC2, and the only questions anyone may ask of them.

import type { UserIdGroupPair } from '@aws-sdk/client-ec2'
import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, type Table, table, type Transaction } from '#store/store.ts'
import { ec2Error, missingParameter } from './errors.ts'
import { checkId, notFound, type ResourceKind, SECURITY_GROUP } from './model/resource-kind.ts'
import { ADDRESS_REST_SECONDS } from './model/limits.ts'
import type {
  AddressRecord,
  DepartedInterfaceRecord,
  DhcpOptionsRecord,
  EgressOnlyInternetGatewayRecord,
  FlowLogRecord,
  InternetGatewayRecord,
  NatGatewayRecord,
  NetworkAclRecord,
  NetworkInterfaceRecord,
  PrefixListRecord,
  ReleasedAddressRecord,
  RouteTableRecord,
  SecurityGroupRecord,
  SubnetRecord,
  VpcEndpointRecord,
  VpcRecord,
} from './model/records.ts'

interface Scoped {
  readonly id: string
  readonly scope: Scope
}

/** EC2 ids are random enough to be unique on their own; the scope keeps tenants apart all the same. */
export const ec2Key = (scope: Scope, id: string): string => `${scopeKey(scope)}/${id}`

const keyOf = (row: Scoped): string => ec2Key(row.scope, row.id)
const byScope = (row: Scoped): readonly string[] => [scopeKey(row.scope)]
const byVpc = (row: Scoped & { readonly vpcId?: string }): readonly string[] =>
  row.vpcId === undefined ? [] : [ec2Key(row.scope, row.vpcId)]

export const vpcs = table<VpcRecord>({ name: 'ec2.vpcs', key: keyOf, indexes: { scope: byScope } })
export const subnets = table<SubnetRecord>({ name: 'ec2.subnets', key: keyOf, indexes: { scope: byScope, vpc: byVpc } })
export const securityGroups = table<SecurityGroupRecord>({
  name: 'ec2.security-groups',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const internetGateways = table<InternetGatewayRecord>({
  name: 'ec2.internet-gateways',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const routeTables = table<RouteTableRecord>({
  name: 'ec2.route-tables',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const networkInterfaces = table<NetworkInterfaceRecord>({
  name: 'ec2.network-interfaces',
  key: keyOf,
  indexes: {
    scope: byScope,
    vpc: (row) => [ec2Key(row.scope, row.spec.vpcId)],
    subnet: (row) => [ec2Key(row.scope, row.spec.subnetId)],
    owner: (row) => (row.spec.ownerArn === undefined ? [] : [row.spec.ownerArn]),
    public: (row) => (row.spec.publicIp === undefined ? [] : [row.spec.publicIp]),
    address: (row) => addressesOf(row).map((address) => ec2Key(row.scope, `${row.spec.subnetId}/${address}`)),
  },
})
export const networkAcls = table<NetworkAclRecord>({
  name: 'ec2.network-acls',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const addresses = table<AddressRecord>({
  name: 'ec2.addresses',
  key: keyOf,
  indexes: {
    scope: byScope,
    public: (row) => [row.publicIp],
    interface: (row) => (row.networkInterfaceId === undefined ? [] : [ec2Key(row.scope, row.networkInterfaceId)]),
  },
})
export const natGateways = table<NatGatewayRecord>({
  name: 'ec2.nat-gateways',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const egressOnlyInternetGateways = table<EgressOnlyInternetGatewayRecord>({
  name: 'ec2.egress-only-internet-gateways',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const dhcpOptions = table<DhcpOptionsRecord>({
  name: 'ec2.dhcp-options',
  key: keyOf,
  indexes: { scope: byScope },
})
export const vpcEndpoints = table<VpcEndpointRecord>({
  name: 'ec2.vpc-endpoints',
  key: keyOf,
  indexes: { scope: byScope, vpc: byVpc },
})
export const prefixLists = table<PrefixListRecord>({
  name: 'ec2.prefix-lists',
  key: keyOf,
  indexes: { scope: byScope },
})
export const flowLogs = table<FlowLogRecord>({
  name: 'ec2.flow-logs',
  key: keyOf,
  indexes: {
    scope: byScope,
    vpc: byVpc,
    resource: (row) => [ec2Key(row.scope, row.resourceId)],
  },
})
export const departedInterfaces = table<DepartedInterfaceRecord>({
  name: 'ec2.departed-interfaces',
  key: keyOf,
  indexes: { vpc: byVpc },
})

/** Every row of this account and region, in the order of ids. */
export const inScope = <Row>(reader: Reader, of: Table<Row>, scope: Scope): Promise<Row[]> =>
  reader.list(of, { index: 'scope', value: scopeKey(scope) })

/** Every row that belongs to this VPC. */
export const ofVpc = <Row>(reader: Reader, of: Table<Row>, scope: Scope, vpcId: string): Promise<Row[]> =>
  reader.list(of, { index: 'vpc', value: ec2Key(scope, vpcId) })

/** The row with this id, or EC2's refusal of an id that is malformed or names nothing. */
export const existing = async <Row>(
  reader: Reader,
  of: Table<Row>,
  kind: ResourceKind,
  scope: Scope,
  id: string,
): Promise<Row> => {
  checkId(kind, id)
  const row = await reader.get(of, ec2Key(scope, id))
  if (row === undefined) throw notFound(kind, id)
  return row
}

export const defaultVpc = async (reader: Reader, scope: Scope): Promise<VpcRecord | undefined> =>
  (await inScope(reader, vpcs, scope)).find((vpc) => vpc.isDefault)

/** The interfaces of all interface endpoints. */
export const endpointInterfaces = async (reader: Reader, scope: Scope): Promise<NetworkInterfaceRecord[]> =>
  (await inScope(reader, networkInterfaces, scope)).filter(({ spec }) => spec.interfaceType === 'vpc_endpoint')

/** How many interfaces there are in a subnet. */
export const interfaceCountOfSubnet = (reader: Reader, subnet: SubnetRecord): Promise<number> =>
  reader.count(networkInterfaces, { index: 'subnet', value: keyOf(subnet) })

/** Names of groups are looked up in the default VPC only. */
export const groupByName = async (reader: Reader, scope: Scope, name: string): Promise<SecurityGroupRecord> => {
  const vpc = await defaultVpc(reader, scope)
  if (vpc === undefined) throw ec2Error('VPCIdNotSpecified', 'No default VPC for this user')
  const group = (await ofVpc(reader, securityGroups, scope, vpc.id)).find((each) => each.name === name)
  if (group !== undefined) return group
  const message = `The security group '${name}' does not exist in default VPC '${vpc.id}'`
  throw ec2Error(SECURITY_GROUP.notFound, message)
}

/** The group that a call is about, by id or by name. */
export const namedGroup = (
  reader: Reader,
  scope: Scope,
  input: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): Promise<SecurityGroupRecord> => {
  if (input.GroupId !== undefined) return existing(reader, securityGroups, SECURITY_GROUP, scope, input.GroupId)
  if (input.GroupName !== undefined) return groupByName(reader, scope, input.GroupName)
  throw missingParameter('GroupName or GroupId')
}

/** Finds the groups that rules of `group` may name: those of its own VPC. */
export const groupFinder = async (
  reader: Reader,
  group: SecurityGroupRecord,
): Promise<(pair: UserIdGroupPair) => string> => {
  const all = await inScope(reader, securityGroups, group.scope)
  return ({ GroupId, GroupName }) => {
    if (GroupId !== undefined) checkId(SECURITY_GROUP, GroupId)
    const found = all.find((each) =>
      GroupId === undefined ? each.name === GroupName && each.vpcId === group.vpcId : each.id === GroupId,
    )
    if (found === undefined) throw notFound(SECURITY_GROUP, GroupId ?? GroupName ?? '')
    if (found.vpcId === group.vpcId) return found.id
    throw ec2Error(SECURITY_GROUP.notFound, 'You have specified two resources that belong to different networks.')
  }
}

/** Ordered by time, so that the oldest are found first. */
export const releasedAddresses = table<ReleasedAddressRecord>({
  name: 'ec2.released-addresses',
  key: (row) =>
    `${String(row.releasedAtMs).padStart(16, '0')}/${ec2Key(row.scope, row.subnetId ?? '')}/${row.privateIp ?? row.publicIp}`,
  indexes: {
    subnet: (row) => (row.subnetId === undefined ? [] : [ec2Key(row.scope, row.subnetId)]),
    public: (row) => (row.publicIp === undefined ? [] : [row.publicIp]),
    address: (row) =>
      row.privateIp === undefined ? [] : [ec2Key(row.scope, `${row.subnetId ?? ''}/${row.privateIp}`)],
  },
})

/** The interfaces that have an address in a subnet. */
export const interfacesOfSubnet = (reader: Reader, subnet: SubnetRecord): Promise<NetworkInterfaceRecord[]> =>
  reader.list(networkInterfaces, { index: 'subnet', value: keyOf(subnet) })

export const interfaceOfOwner = async (reader: Reader, ownerArn: string): Promise<NetworkInterfaceRecord | undefined> =>
  (await reader.list(networkInterfaces, { index: 'owner', value: ownerArn, limit: 1 }))[0]

/** How many IPv4 addresses of a subnet are in use. */
export const addressCountOfSubnet = async (reader: Reader, subnet: SubnetRecord): Promise<number> =>
  (await interfacesOfSubnet(reader, subnet)).reduce((sum, one) => sum + privateIpsOf(one).length, 0)

/** True while an address must rest before it is given to another interface. */
export const isResting = (released: ReleasedAddressRecord, now: Date): boolean =>
  now.getTime() - released.releasedAtMs < ADDRESS_REST_SECONDS * 1000

/** All IPv4 addresses of an interface inside the VPC, the primary one first. */
export const privateIpsOf = ({ spec }: NetworkInterfaceRecord): string[] => [
  spec.privateIp,
  ...(spec.secondaryPrivateIps ?? []),
]

/** All addresses of an interface inside the VPC, of both families. */
export const addressesOf = (one: NetworkInterfaceRecord): string[] => [
  ...privateIpsOf(one),
  ...(one.spec.ipv6Addresses ?? []),
]

/** The addresses of a subnet, of both families, that a new interface cannot have. */
export const takenAddresses = async (reader: Reader, subnet: SubnetRecord, now: Date): Promise<Set<string>> => {
  const taken = new Set((await interfacesOfSubnet(reader, subnet)).flatMap(addressesOf))
  for (const row of await reader.list(releasedAddresses, { index: 'subnet', value: keyOf(subnet) })) {
    if (isResting(row, now) && row.privateIp !== undefined) taken.add(row.privateIp)
  }
  return taken
}

/** The IPv6 blocks of all VPCs, over all accounts and regions, that another VPC cannot have. */
export const takenIpv6Blocks = async (reader: Reader): Promise<Set<string>> =>
  new Set((await reader.list(vpcs)).flatMap((vpc) => (vpc.ipv6Cidrs ?? []).map(({ cidr }) => cidr)))

/** To be called when an interface goes: its own flow logs go along, those of its subnet and VPC will still tell of it. */
export const interfaceDeparts = async (tx: Transaction, one: NetworkInterfaceRecord, now: Date): Promise<void> => {
  const { id, scope, spec, status } = one
  await forgetFlowLogs(tx, scope, id)
  if (spec.isAddressOnly === true || status.attachedAt === undefined) return
  const logs = await ofVpc(tx, flowLogs, scope, spec.vpcId)
  if (!logs.some(({ resourceId }) => [spec.vpcId, spec.subnetId].includes(resourceId))) return
  await tx.put(departedInterfaces, {
    id,
    scope,
    vpcId: spec.vpcId,
    subnetId: spec.subnetId,
    availabilityZone: spec.availabilityZone,
    addresses: addressesOf(one),
    ...(spec.publicIp === undefined ? {} : { publicIp: spec.publicIp }),
    ...(spec.ownerArn === undefined ? {} : { ownerArn: spec.ownerArn }),
    attachedAt: status.attachedAt,
    departedAtMs: now.getTime(),
  })
}

/** A flow log goes with what it tells of. */
export const forgetFlowLogs = async (tx: Transaction, scope: Scope, resourceId: string): Promise<void> => {
  for (const row of await tx.list(flowLogs, { index: 'resource', value: ec2Key(scope, resourceId) })) {
    await tx.delete(flowLogs, keyOf(row))
  }
}
