// DeleteLogGroup: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html

import type { DeleteLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { streamId } from '../model/log-stream.ts'
import { existingGroup, logGroupKey, logGroups, logStreamKey, logStreams, logStreamsOf } from '../tables.ts'

export const deleteLogGroup: Operation<DeleteLogGroupRequest, {}> = async ({ logGroupName }, call) => {
  const { scope, store, logs } = call
  const forgetEvents = async (names: readonly string[]): Promise<void> => {
    await Promise.all(names.map((name) => logs.deleteStream(streamId({ scope, group: logGroupName, name }))))
  }
  const before = await store.read((reader) => logStreamsOf(reader, scope, logGroupName))
  // Events go first: if we die in between, the group is still there to be deleted again.
  await forgetEvents(before.map((stream) => stream.name))
  const gone = await store.write(async (tx) => {
    await existingGroup(tx, scope, logGroupName)
    const streams = await logStreamsOf(tx, scope, logGroupName)
    for (const stream of streams) await tx.delete(logStreams, logStreamKey(scope, logGroupName, stream.name))
    await tx.delete(logGroups, logGroupKey(scope, logGroupName))
    return streams.map((stream) => stream.name)
  })
  // What was appended meanwhile must not appear in a later group of the same name.
  await forgetEvents(gone)
  return {}
}
