// Shows subnets, with the number of addresses that are really free.

import type { DescribeSubnetsRequest, DescribeSubnetsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { selection } from '../model/selection.ts'
import { describeSubnet, selectableSubnet } from '../model/subnet.ts'
import { addressCountOfSubnet, inScope, subnets } from '../tables.ts'

export const describeSubnets: Operation<DescribeSubnetsRequest, DescribeSubnetsResult> = async (input, call) => {
  const described = await call.store.read(async (reader) => {
    const rows = await inScope(reader, subnets, call.scope)
    return Promise.all(rows.map(async (row) => describeSubnet(row, await addressCountOfSubnet(reader, row))))
  })
  const { items, ...rest } = selection(described, { ...input, ids: input.SubnetIds }, selectableSubnet)
  return { Subnets: items, ...rest }
}
