// Every kind of resource that carries tags, found by the prefix of its id.

import type { Tag, TagDescription } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'
import type { Reader, Table, Transaction } from '#store/store.ts'
import { ec2Error } from './errors.ts'
import { RESOURCES_PER_TAG_CALL } from './model/limits.ts'
import {
  ADDRESS,
  EGRESS_ONLY_INTERNET_GATEWAY,
  NAT_GATEWAY,
  DHCP_OPTIONS,
  FLOW_LOG,
  INTERNET_GATEWAY,
  NETWORK_ACL,
  NETWORK_INTERFACE,
  PREFIX_LIST,
  notFound,
  type ResourceKind,
  ROUTE_TABLE,
  SECURITY_GROUP,
  SECURITY_GROUP_RULE,
  SUBNET,
  VPC,
  VPC_ENDPOINT,
} from './model/resource-kind.ts'
import { existingDhcpOptions } from './dhcp-options-sets.ts'
import { existingNetworkAcl } from './network-acls.ts'
import {
  addresses,
  egressOnlyInternetGateways,
  dhcpOptions,
  existing,
  natGateways,
  flowLogs,
  inScope,
  internetGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from './tables.ts'

type Tags = readonly Tag[]
type Change = (tags: Tags) => Tags

/** One kind of resource: how all tags are listed, and how one resource gets others. */
interface Tagged {
  readonly kind: ResourceKind
  readonly list: (reader: Reader, scope: Scope) => Promise<{ readonly id: string; readonly tags: Tags }[]>
  readonly retag: (tx: Transaction, scope: Scope, id: string, change: Change) => Promise<void>
}

const plain = <Row extends { readonly id: string; readonly tags: Tags }>(
  kind: ResourceKind,
  table: Table<Row>,
): Tagged => ({
  kind,
  list: (reader, scope) => inScope(reader, table, scope),
  retag: async (tx, scope, id, change) => {
    const row = await existing(tx, table, kind, scope, id)
    await tx.put(table, { ...row, tags: change(row.tags) })
  },
})

const interfaces: Tagged = {
  kind: NETWORK_INTERFACE,
  list: async (reader, scope) =>
    (await inScope(reader, networkInterfaces, scope)).map(({ id, spec }) => ({ id, tags: spec.tags })),
  retag: async (tx, scope, id, change) => {
    const row = await existing(tx, networkInterfaces, NETWORK_INTERFACE, scope, id)
    await tx.put(networkInterfaces, { ...row, spec: { ...row.spec, tags: change(row.spec.tags) } })
  },
}

/** Rules live inside of their groups. */
const rules: Tagged = {
  kind: SECURITY_GROUP_RULE,
  list: async (reader, scope) => (await inScope(reader, securityGroups, scope)).flatMap((group) => group.rules),
  retag: async (tx, scope, id, change) => {
    const groups = await inScope(tx, securityGroups, scope)
    const group = groups.find((each) => each.rules.some((rule) => rule.id === id))
    if (group === undefined) throw notFound(SECURITY_GROUP_RULE, id)
    await tx.put(securityGroups, {
      ...group,
      rules: group.rules.map((rule) => (rule.id === id ? { ...rule, tags: change(rule.tags) } : rule)),
    })
  },
}

/** A default list is stored from the moment somebody tags it. */
const acls: Tagged = {
  kind: NETWORK_ACL,
  list: (reader, scope) => inScope(reader, networkAcls, scope),
  retag: async (tx, scope, id, change) => {
    const row = await existingNetworkAcl(tx, scope, id)
    await tx.put(networkAcls, { ...row, tags: change(row.tags) })
  },
}

/** The default options are stored from the moment somebody tags them. */
const options: Tagged = {
  kind: DHCP_OPTIONS,
  list: (reader, scope) => inScope(reader, dhcpOptions, scope),
  retag: async (tx, scope, id, change) => {
    const row = await existingDhcpOptions(tx, scope, id)
    await tx.put(dhcpOptions, { ...row, tags: change(row.tags) })
  },
}

const TAGGED: readonly Tagged[] = [
  plain(VPC, vpcs),
  plain(SUBNET, subnets),
  plain(SECURITY_GROUP, securityGroups),
  plain(INTERNET_GATEWAY, internetGateways),
  plain(ROUTE_TABLE, routeTables),
  plain(ADDRESS, addresses),
  plain(NAT_GATEWAY, natGateways),
  plain(EGRESS_ONLY_INTERNET_GATEWAY, egressOnlyInternetGateways),
  plain(PREFIX_LIST, prefixLists),
  plain(FLOW_LOG, flowLogs),
  plain(VPC_ENDPOINT, vpcEndpoints),
  interfaces,
  rules,
  acls,
  options,
]

/** Changes the tags of all these resources; refuses if one of them does not exist. */
export const retagged = async (
  tx: Transaction,
  scope: Scope,
  ids: readonly string[],
  change: Change,
): Promise<void> => {
  if (ids.length > RESOURCES_PER_TAG_CALL) {
    throw ec2Error('InvalidParameterValue', `At most ${RESOURCES_PER_TAG_CALL} resources can be named in one call`)
  }
  for (const id of ids) {
    const tagged = TAGGED.find(({ kind }) => id.startsWith(`${kind.prefix}-`))
    if (tagged === undefined) throw ec2Error('InvalidID', `The ID '${id}' is not valid`)
    await tagged.retag(tx, scope, id, change)
  }
}

/** Every tag of every resource, one by one. */
export const allTags = async (reader: Reader, scope: Scope): Promise<TagDescription[]> => {
  const tags: TagDescription[] = []
  for (const { kind, list } of TAGGED) {
    for (const row of await list(reader, scope)) {
      tags.push(...row.tags.map((tag) => ({ ...tag, ResourceId: row.id, ResourceType: kind.type })))
    }
  }
  return tags
}
