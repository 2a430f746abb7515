// CreateLogStream: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html

import type { CreateLogStreamRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { ResourceAlreadyExistsException } from '../errors.ts'
import { newLogStream } from '../model/log-stream.ts'
import { existingGroup, logStreamNamed, logStreams } from '../tables.ts'

export const createLogStream: Operation<CreateLogStreamRequest, {}> = async (input, { scope, store, clock }) => {
  const { logGroupName: group, logStreamName: name } = input
  await store.write(async (tx) => {
    await existingGroup(tx, scope, group)
    if ((await logStreamNamed(tx, scope, group, name)) !== undefined) {
      throw ResourceAlreadyExistsException('The specified log stream already exists')
    }
    await tx.put(logStreams, newLogStream(scope, group, name, clock.now().getTime()))
  })
  return {}
}
