// DescribeLogGroups: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html

import type { DescribeLogGroupsRequest, DescribeLogGroupsResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { badToken, InvalidParameterException } from '../errors.ts'
import { PAGE_LIMIT } from '../model/limits.ts'
import { describeLogGroup } from '../model/log-group.ts'
import { groupNameOf } from '../model/tags.ts'
import { opaqueToken, parseOpaqueToken } from '../model/token.ts'
import { logGroupsOf } from '../tables.ts'

export const describeLogGroups: Operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse> = async (
  input,
  { scope, store, logs },
) => {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupIdentifiers, logGroupClass } = input
  if (prefix !== undefined && pattern !== undefined) {
    throw InvalidParameterException('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.')
  }
  const after = input.nextToken === undefined ? undefined : parseOpaqueToken(input.nextToken)
  if (after !== undefined ? typeof after !== 'string' : input.nextToken !== undefined) throw badToken()
  const names = logGroupIdentifiers?.map((identifier) => groupNameOf(identifier, scope))
  const limit = input.limit ?? PAGE_LIMIT
  const all = await store.read((reader) => logGroupsOf(reader, scope, { prefix, after: after as string | undefined }))
  const found = all.filter(
    (group) =>
      (pattern === undefined || group.name.includes(pattern)) &&
      (names === undefined || names.includes(group.name)) &&
      (logGroupClass === undefined || group.logGroupClass === logGroupClass),
  )
  const page = found.slice(0, limit)
  const bytes = await Promise.all(
    page.map(({ name }) => logs.groupBytes({ account: scope.account, region: scope.region, group: name })),
  )
  return {
    logGroups: page.map((group, at) => describeLogGroup(group, bytes[at]!)),
    ...(found.length > limit ? { nextToken: opaqueToken(page.at(-1)!.name) } : {}),
  }
}
