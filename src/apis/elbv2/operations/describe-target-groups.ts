// Shows target groups: all, those that are named, or those that a load balancer sends requests to.

import type { DescribeTargetGroupsInput, DescribeTargetGroupsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import type { Reader } from '#store/store.ts'
import type { Scope } from '#aws/scope.ts'
import { TargetGroupNotFound, validationError } from '../errors.ts'
import { allThere, checkedTargetGroupArn } from '../model/arns.ts'
import { describeTargetGroup } from '../model/describe-target-group.ts'
import type { TargetGroupRecord } from '../model/target-group.ts'
import { paged } from '../paging.ts'
import {
  existingLoadBalancer,
  loadBalancersOfGroup,
  targetGroupByArn,
  targetGroupNamed,
  targetGroupsOfBalancer,
  targetGroupsOfScope,
} from '../tables.ts'

type Input = Parameters<typeof describeTargetGroups>[0]

const selected = async (reader: Reader, scope: Scope, input: Input): Promise<TargetGroupRecord[]> => {
  const { LoadBalancerArn, TargetGroupArns = [], Names = [] } = input
  const missing = TargetGroupNotFound('One or more target groups not found')
  const ways = [LoadBalancerArn !== undefined, TargetGroupArns.length > 0, Names.length > 0].filter(Boolean)
  if (ways.length > 1) {
    throw validationError('Load balancer ARN, target group ARNs and target group names cannot be specified together')
  }
  if (LoadBalancerArn !== undefined) {
    return targetGroupsOfBalancer(reader, await existingLoadBalancer(reader, scope, LoadBalancerArn))
  }
  if (TargetGroupArns.length > 0) {
    const arns = TargetGroupArns.map((arn) => checkedTargetGroupArn(arn, scope))
    return allThere(await Promise.all(arns.map((arn) => targetGroupByArn(reader, arn))), missing)
  }
  if (Names.length === 0) return targetGroupsOfScope(reader, scope)
  const named = await Promise.all(Names.map((name) => targetGroupNamed(reader, scope, name)))
  return allThere(named, missing)
}

export const describeTargetGroups: Operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput> = async (
  input,
  call,
) =>
  call.store.read(async (reader) => {
    const rows = await selected(reader, call.scope, input)
    const { LoadBalancerArn, TargetGroupArns, Names } = input
    const request = ['DescribeTargetGroups', call.scope, LoadBalancerArn, TargetGroupArns, Names]
    const { items, marker } = paged(rows, input, request, ({ arn }) => arn)
    const shown = items.map(async (row) => describeTargetGroup(row, await loadBalancersOfGroup(reader, row.arn)))
    return { TargetGroups: await Promise.all(shown), ...marker }
  })
