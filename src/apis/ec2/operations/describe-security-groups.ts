// Shows security groups with their rules.

import type { DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeSecurityGroup, selectableSecurityGroup } from '../model/security-group.ts'
import { selection } from '../model/selection.ts'
import { groupByName, inScope, securityGroups } from '../tables.ts'

export const describeSecurityGroups: Operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult> = async (
  input,
  call,
) => {
  const { rows, named } = await call.store.read(async (reader) => ({
    rows: await inScope(reader, securityGroups, call.scope),
    // Names are looked up in the default VPC only, as they are not unique over all.
    named: await Promise.all((input.GroupNames ?? []).map((name) => groupByName(reader, call.scope, name))),
  }))
  const ids = [...(input.GroupIds ?? []), ...named.map((group) => group.id)]
  const { items, ...rest } = selection(rows.map(describeSecurityGroup), { ...input, ids }, selectableSecurityGroup)
  return { SecurityGroups: items, ...rest }
}
