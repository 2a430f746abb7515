// Shows the reverse DNS names of elastic IP addresses: none has one, as none can be set.

import type { DescribeAddressesAttributeRequest, DescribeAddressesAttributeResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeAddress, selectableAddress } from '../model/address.ts'
import { selection } from '../model/selection.ts'
import { addresses, inScope } from '../tables.ts'

export const describeAddressesAttribute: Operation<
  DescribeAddressesAttributeRequest,
  DescribeAddressesAttributeResult
> = async (input, call) => {
  const rows = await call.store.read((reader) => inScope(reader, addresses, call.scope))
  const { MaxResults, NextToken } = input
  const request = { MaxResults, NextToken, ids: input.AllocationIds }
  const { items, ...rest } = selection(rows.map(describeAddress), request, selectableAddress)
  return { Addresses: items.map(({ AllocationId, PublicIp }) => ({ AllocationId, PublicIp })), ...rest }
}
