// PutLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html

import type { PutLogEventsRequest, PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { objectionTo, sifted } from '../model/batch.ts'
import { expiryBorder } from '../model/log-group.ts'
import { SEQUENCE_TOKEN, streamId } from '../model/log-stream.ts'
import { existingGroup, existingStream } from '../tables.ts'

/** The sequence token is neither needed nor looked at, as with AWS since 2023. */
export const putLogEvents: Operation<PutLogEventsRequest, PutLogEventsResponse> = async (input, call) => {
  const { logGroupName, logStreamName: name, logEvents } = input
  const { scope, store, logs, clock } = call
  const objection = objectionTo(logEvents)
  if (objection !== undefined) throw InvalidParameterException(objection)
  const group = await store.read(async (reader) => {
    await existingStream(reader, scope, logGroupName, name)
    return existingGroup(reader, scope, logGroupName)
  })
  const now = clock.now().getTime()
  const { accepted, rejected } = sifted(logEvents, now, expiryBorder(group, now))
  if (accepted.length > 0) {
    await logs.append(streamId({ scope, group: logGroupName, name }), accepted, { ingestionTime: now })
  }
  return {
    nextSequenceToken: SEQUENCE_TOKEN,
    ...(rejected === undefined ? {} : { rejectedLogEventsInfo: rejected }),
  }
}
