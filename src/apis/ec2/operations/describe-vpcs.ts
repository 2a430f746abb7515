// Shows VPCs.

import type { DescribeVpcsRequest, DescribeVpcsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { selection } from '../model/selection.ts'
import { describeVpc, selectableVpc } from '../model/vpc.ts'
import { inScope, vpcs } from '../tables.ts'

export const describeVpcs: Operation<DescribeVpcsRequest, DescribeVpcsResult> = async (input, call) => {
  const rows = await call.store.read((reader) => inScope(reader, vpcs, call.scope))
  const { items, ...rest } = selection(rows.map(describeVpc), { ...input, ids: input.VpcIds }, selectableVpc)
  return { Vpcs: items, ...rest }
}
