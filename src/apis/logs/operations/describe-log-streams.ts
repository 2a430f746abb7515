// DescribeLogStreams: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html

import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { badToken, InvalidParameterException } from '../errors.ts'
import { PAGE_LIMIT } from '../model/limits.ts'
import { describeLogStream, streamId } from '../model/log-stream.ts'
import { identifiedGroup } from '../model/identifier.ts'
import { opaqueToken, parseOpaqueToken } from '../model/token.ts'
import { existingGroup, logStreamsOf } from '../tables.ts'

/** A stream's place in the order that was asked for; streams without events come first, as with AWS. */
type Position = readonly [time: number, name: string]

const compare = ([time, name]: Position, [otherTime, otherName]: Position): number =>
  time - otherTime || (name < otherName ? -1 : name > otherName ? 1 : 0)

const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string'

export const describeLogStreams: Operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse> = async (
  input,
  { scope, store, logs },
) => {
  const { logStreamNamePrefix: prefix, limit = PAGE_LIMIT, nextToken } = input
  const byTime = input.orderBy === 'LastEventTime'
  if (byTime && prefix !== undefined) {
    throw InvalidParameterException('Cannot order by LastEventTime with a logStreamNamePrefix.')
  }
  const after = nextToken === undefined ? undefined : parseOpaqueToken(nextToken)
  if (nextToken !== undefined && !isPosition(after)) throw badToken()
  const group = identifiedGroup(input, scope)
  const streams = await store.read(async (reader) => {
    await existingGroup(reader, scope, group)
    return logStreamsOf(reader, scope, group, { prefix })
  })
  const sign = input.descending === true ? -1 : 1
  const placed = await Promise.all(
    streams.map(async (stream) => {
      const time = byTime ? ((await logs.facts(streamId(stream))).lastEventTimestamp ?? 0) : 0
      return { stream, position: [time, stream.name] as const }
    }),
  )
  const found = placed
    .filter(({ position }) => after === undefined || sign * compare(position, after as Position) > 0)
    .toSorted((a, b) => sign * compare(a.position, b.position))
  const page = found.slice(0, limit)
  return {
    logStreams: await Promise.all(
      page.map(async ({ stream }) => describeLogStream(stream, await logs.facts(streamId(stream)))),
    ),
    ...(found.length > limit ? { nextToken: opaqueToken(page.at(-1)!.position) } : {}),
  }
}
