// Shows network interfaces, those of tasks included.

import type { DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeNetworkInterface, selectableNetworkInterface } from '../model/network-interface.ts'
import { selection } from '../model/selection.ts'
import { addresses, inScope, networkInterfaces, securityGroups } from '../tables.ts'

export const describeNetworkInterfaces: Operation<
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult
> = async (input, call) => {
  const { rows, groups, elastic } = await call.store.read(async (reader) => ({
    rows: await inScope(reader, networkInterfaces, call.scope),
    groups: await inScope(reader, securityGroups, call.scope),
    elastic: await inScope(reader, addresses, call.scope),
  }))
  const groupsById = new Map(groups.map((group) => [group.id, group]))
  const elasticOf = Map.groupBy(elastic, ({ networkInterfaceId }) => networkInterfaceId)
  const described = rows.map((row) => describeNetworkInterface(row, groupsById, elasticOf.get(row.id)))
  const request = { ...input, ids: input.NetworkInterfaceIds }
  const { items, ...rest } = selection(described, request, selectableNetworkInterface)
  return { NetworkInterfaces: items, ...rest }
}
