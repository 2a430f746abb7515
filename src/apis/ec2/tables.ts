// The tables of EC2, and the only questions anyone may ask of them.

import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table } from '#store/store.ts'
import { ADDRESS_REST_SECONDS } from './model/limits.ts'
import type {
  InternetGatewayRecord,
  NetworkInterfaceRecord,
  ReleasedAddressRecord,
  RouteTableRecord,
  SecurityGroupRecord,
  SubnetRecord,
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
    public: (row) => (row.spec.publicIp === undefined ? [] : ['yes']),
  },
})

/** Ordered by time, so that the oldest are found first. */
export const releasedAddresses = table<ReleasedAddressRecord>({
  name: 'ec2.released-addresses',
  key: (row) => `${String(row.releasedAtMs).padStart(16, '0')}/${ec2Key(row.scope, row.subnetId)}/${row.privateIp}`,
  indexes: {
    subnet: (row) => [ec2Key(row.scope, row.subnetId)],
    public: (row) => (row.publicIp === undefined ? [] : ['yes']),
  },
})

export const interfacesOfSubnet = (reader: Reader, subnet: SubnetRecord): Promise<NetworkInterfaceRecord[]> =>
  reader.list(networkInterfaces, { index: 'subnet', value: keyOf(subnet) })

export const interfaceOfOwner = async (reader: Reader, ownerArn: string): Promise<NetworkInterfaceRecord | undefined> =>
  (await reader.list(networkInterfaces, { index: 'owner', value: ownerArn, limit: 1 }))[0]

/** True while an address must rest before it is given to another interface. */
export const isResting = (released: ReleasedAddressRecord, now: Date): boolean =>
  now.getTime() - released.releasedAtMs < ADDRESS_REST_SECONDS * 1000

/** The private addresses of a subnet that a new interface cannot have. */
export const takenAddresses = async (reader: Reader, subnet: SubnetRecord, now: Date): Promise<Set<string>> => {
  const taken = new Set((await interfacesOfSubnet(reader, subnet)).map((row) => row.spec.privateIp))
  for (const row of await reader.list(releasedAddresses, { index: 'subnet', value: keyOf(subnet) })) {
    if (isResting(row, now)) taken.add(row.privateIp)
  }
  return taken
}

/** The public addresses, over all accounts and regions, that a new interface cannot have. */
export const takenPublicAddresses = async (reader: Reader, now: Date): Promise<Set<string>> => {
  const inUse = await reader.list(networkInterfaces, { index: 'public', value: 'yes' })
  const resting = await reader.list(releasedAddresses, { index: 'public', value: 'yes' })
  return new Set([
    ...inUse.flatMap((row) => row.spec.publicIp ?? []),
    ...resting.filter((row) => isResting(row, now)).flatMap((row) => row.publicIp ?? []),
  ])
}
