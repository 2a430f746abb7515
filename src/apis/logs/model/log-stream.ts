// A log stream: a sequence of events from one source. The events themselves are in the log store.

import type { LogStream } from '@aws-sdk/client-cloudwatch-logs'
import { logStreamArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { StreamFacts, StreamId } from '#telemetry/logs/log-store.ts'

export interface LogStreamRecord {
  readonly scope: Scope
  readonly group: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly creationTime: number
}

/** Also for those who make a stream on a caller's behalf, as the awslogs driver does. */
export const newLogStream = (scope: Scope, group: string, name: string, creationTime: number): LogStreamRecord => ({
  scope,
  group,
  name,
  creationTime,
})

/** Where the stream's events are. */
export const streamId = ({ scope, group, name }: Omit<LogStreamRecord, 'creationTime'>): StreamId => ({
  account: scope.account,
  region: scope.region,
  group,
  stream: name,
})

export const describeLogStream = (stream: LogStreamRecord, facts: StreamFacts): LogStream => ({
  logStreamName: stream.name,
  creationTime: stream.creationTime,
  ...(facts.firstEventTimestamp === undefined ? {} : { firstEventTimestamp: facts.firstEventTimestamp }),
  ...(facts.lastEventTimestamp === undefined ? {} : { lastEventTimestamp: facts.lastEventTimestamp }),
  ...(facts.lastIngestionTime === undefined ? {} : { lastIngestionTime: facts.lastIngestionTime }),
  // Tokens are accepted whatever they are since 2023; clients of before still hand back what they find here.
  uploadSequenceToken: SEQUENCE_TOKEN,
  arn: logStreamArn(stream.scope, stream.group, stream.name),
  // "As of June 17, 2019, this parameter is no longer supported for log streams, and is always reported as zero."
  storedBytes: 0,
})

/** 56 digits, like AWS's; it says nothing and nobody looks at it. */
export const SEQUENCE_TOKEN = '49' + '6'.repeat(54)
