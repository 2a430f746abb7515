// A log group: a named set of streams with one retention and one set of tags.

import type { LogGroup, LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import { type LogGroupArn, logGroupArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

export interface LogGroupRecord {
  readonly scope: Scope
  readonly name: string
  readonly arn: LogGroupArn
  /** Milliseconds since 1970. */
  readonly creationTime: number
  /** Absent: events are kept for ever. */
  readonly retentionInDays?: number
  readonly kmsKeyId?: string
  readonly logGroupClass: LogGroupClass
  readonly tags: Readonly<Record<string, string>>
}

export interface LogGroupWish {
  readonly name: string
  readonly creationTime: number
  readonly kmsKeyId?: string | undefined
  readonly logGroupClass?: LogGroupClass | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** Also for those who make a group on a caller's behalf, as awslogs-create-group does. */
export const newLogGroup = (scope: Scope, wish: LogGroupWish): LogGroupRecord => ({
  scope,
  name: wish.name,
  arn: logGroupArn(scope, wish.name),
  creationTime: wish.creationTime,
  ...(wish.kmsKeyId === undefined ? {} : { kmsKeyId: wish.kmsKeyId }),
  logGroupClass: wish.logGroupClass ?? 'STANDARD',
  tags: wish.tags ?? {},
})

/** With that retention; without one when `days` is absent. */
export const retained = (group: LogGroupRecord, days?: number): LogGroupRecord => {
  const { retentionInDays, ...rest } = group
  if (days === retentionInDays) return group
  return days === undefined ? rest : { ...rest, retentionInDays: days }
}

const DAY_MS = 24 * 3600 * 1000

/** Milliseconds since 1970 before which events have expired; undefined when none ever do. */
export const expiryBorder = (group: LogGroupRecord, now: number): number | undefined =>
  group.retentionInDays === undefined ? undefined : now - group.retentionInDays * DAY_MS

/** As DescribeLogGroups shows it: `arn` ends in ":*" and `logGroupArn` does not. */
export const describeLogGroup = (group: LogGroupRecord, storedBytes: number): LogGroup => ({
  logGroupName: group.name,
  creationTime: group.creationTime,
  ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
  metricFilterCount: 0,
  arn: `${group.arn}:*`,
  storedBytes,
  ...(group.kmsKeyId === undefined ? {} : { kmsKeyId: group.kmsKeyId }),
  logGroupClass: group.logGroupClass,
  logGroupArn: group.arn,
})
