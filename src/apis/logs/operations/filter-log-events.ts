// FilterLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html

import type { FilteredLogEvent, FilterLogEventsRequest, FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import { badToken, InvalidParameterException } from '../errors.ts'
import { eventBytes } from '../model/batch.ts'
import { filterTest } from '../model/filter/filter-pattern.ts'
import { identifiedGroup } from '../model/identifier.ts'
import { BATCH_LIMIT_BYTES, EVENTS_LIMIT, SCAN_LIMIT } from '../model/limits.ts'
import { expiryBorder } from '../model/log-group.ts'
import { streamId, type LogStreamRecord } from '../model/log-stream.ts'
import { interleaved, isMark, type Mark } from '../model/interleave.ts'
import { eventId, opaqueToken, parseOpaqueToken } from '../model/token.ts'
import { existingGroup, logStreamsOf } from '../tables.ts'

export const filterLogEvents: Operation<FilterLogEventsRequest, FilterLogEventsResponse> = async (input, call) => {
  const test = filterTest(input.filterPattern ?? '')
  if (test === undefined) throw InvalidParameterException('Invalid filter pattern')
  const after = input.nextToken === undefined ? undefined : parseOpaqueToken(input.nextToken)
  if (input.nextToken !== undefined && !isMark(after)) throw badToken()
  const { streams, border } = await searched(input, call)

  const limit = input.limit ?? EVENTS_LIMIT
  const range = { startTime: Math.max(input.startTime ?? 0, border ?? 0), endTime: input.endTime }
  const events: FilteredLogEvent[] = []
  let bytes = 0
  let looked = 0
  let last: Mark | undefined
  for await (const { stream, event } of interleaved(call.logs, streams, range, after as Mark | undefined)) {
    const matches = test(event.message)
    const size = matches ? eventBytes(event.message) : 0
    const isFull = events.length >= limit || (events.length > 0 && bytes + size > BATCH_LIMIT_BYTES)
    if (isFull || looked >= SCAN_LIMIT) return { events, searchedLogStreams: [], nextToken: opaqueToken(last) }
    looked++
    last = [event.timestamp, stream.name, event.sequence]
    if (!matches) continue
    bytes += size
    const { timestamp, message, ingestionTime } = event
    events.push({ logStreamName: stream.name, timestamp, message, ingestionTime, eventId: eventId(stream.name, event) })
  }
  // AWS: "This parameter has been deprecated; an empty list is returned."
  return { events, searchedLogStreams: [] }
}

/** The streams to look at, and the time before which their events have expired. */
const searched = async (
  input: Checked<FilterLogEventsRequest>,
  { scope, store, clock, logs }: Call,
): Promise<{ readonly streams: readonly LogStreamRecord[]; readonly border: number | undefined }> => {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input
  if (names !== undefined && prefix !== undefined) {
    throw InvalidParameterException('logStreamNames and logStreamNamePrefix are mutually exclusive parameters.')
  }
  const name = identifiedGroup(input, scope)
  const { group, streams } = await store.read(async (reader) => ({
    group: await existingGroup(reader, scope, name),
    streams: await logStreamsOf(reader, scope, name, { prefix }),
  }))
  const wanted = names === undefined ? streams : streams.filter((stream) => names.includes(stream.name))
  // Streams that are empty, or whose last event is too old, need not be opened.
  const facts = await Promise.all(wanted.map((stream) => logs.facts(streamId(stream))))
  return {
    streams: wanted.filter((_, at) => (facts[at]!.lastEventTimestamp ?? -1) >= (input.startTime ?? 0)),
    border: expiryBorder(group, clock.now().getTime()),
  }
}
