// Shows elastic IP addresses; there are so few that EC2 has no pages for them.

import type { DescribeAddressesRequest, DescribeAddressesResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { addressByIp } from '../elastic-address-tables.ts'
import { describeAddress, selectableAddress } from '../model/address.ts'
import { selection } from '../model/selection.ts'
import { addresses, inScope } from '../tables.ts'

export const describeAddresses: Operation<DescribeAddressesRequest, DescribeAddressesResult> = async (input, call) => {
  const { rows, named } = await call.store.read(async (reader) => ({
    rows: await inScope(reader, addresses, call.scope),
    named: await Promise.all((input.PublicIps ?? []).map((ip) => addressByIp(reader, call.scope, ip))),
  }))
  const ids = [...(input.AllocationIds ?? []), ...named.map(({ id }) => id)]
  const { items } = selection(rows.map(describeAddress), { Filters: input.Filters, ids }, selectableAddress)
  return { Addresses: items }
}
