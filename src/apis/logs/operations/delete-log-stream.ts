// DeleteLogStream: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html

import type { DeleteLogStreamRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { streamId } from '../model/log-stream.ts'
import { existingStream, logStreamKey, logStreams } from '../tables.ts'

export const deleteLogStream: Operation<DeleteLogStreamRequest, {}> = async (input, { scope, store, logs }) => {
  const { logGroupName: group, logStreamName: name } = input
  const id = streamId({ scope, group, name })
  await store.read((reader) => existingStream(reader, scope, group, name))
  // Events go first: if we die in between, the stream is still there to be deleted again.
  await logs.deleteStream(id)
  await store.write(async (tx) => {
    await existingStream(tx, scope, group, name)
    await tx.delete(logStreams, logStreamKey(scope, group, name))
  })
  // What was appended meanwhile must not appear in a later stream of the same name.
  await logs.deleteStream(id)
  return {}
}
