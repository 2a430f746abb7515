// GetLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html

import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { badToken } from '../errors.ts'
import { identifiedGroup } from '../model/identifier.ts'
import { EVENTS_LIMIT } from '../model/limits.ts'
import { expiryBorder } from '../model/log-group.ts'
import { streamId } from '../model/log-stream.ts'
import { fitting, tokensOf } from '../model/page.ts'
import { parsePageToken } from '../model/token.ts'
import { existingGroup, existingStream } from '../tables.ts'

export const getLogEvents: Operation<GetLogEventsRequest, GetLogEventsResponse> = async (input, call) => {
  const { scope, store, logs, clock } = call
  const came = input.nextToken === undefined ? undefined : parsePageToken(input.nextToken)
  if (input.nextToken !== undefined && came === undefined) throw badToken()
  const name = identifiedGroup(input, scope)
  const group = await store.read(async (reader) => {
    await existingStream(reader, scope, name, input.logStreamName)
    return existingGroup(reader, scope, name)
  })
  // Expired events are gone for callers at once; the disk is cleaned later.
  const border = expiryBorder(group, clock.now().getTime())
  const startTime = Math.max(input.startTime ?? 0, border ?? 0)
  const direction = came?.direction ?? (input.startFromHead === true ? 'forward' : 'backward')
  const stored = await logs.read(streamId({ scope, group: name, name: input.logStreamName }), {
    direction,
    limit: input.limit ?? EVENTS_LIMIT,
    startTime,
    ...(input.endTime === undefined ? {} : { endTime: input.endTime }),
    ...(came === undefined ? {} : { from: came.place }),
  })
  const events = fitting(stored, direction)
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    ...tokensOf(events, came),
  }
}
