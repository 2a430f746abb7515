// CreateLogGroup: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html

import type { CreateLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException, ResourceAlreadyExistsException } from '../errors.ts'
import { newLogGroup } from '../model/log-group.ts'
import { logGroupNamed, logGroups } from '../tables.ts'
import { checkedTags } from '../model/tags.ts'

export const createLogGroup: Operation<CreateLogGroupRequest, {}> = async (input, call) => {
  const name = input.logGroupName
  if (name.startsWith('aws/')) throw InvalidParameterException('Log groups starting with aws/ are reserved for AWS.')
  const wish = { ...input, name, creationTime: call.clock.now().getTime(), tags: checkedTags({}, input.tags ?? {}) }
  await call.store.write(async (tx) => {
    if ((await logGroupNamed(tx, call.scope, name)) !== undefined) {
      throw ResourceAlreadyExistsException('The specified log group already exists')
    }
    await tx.put(logGroups, newLogGroup(call.scope, wish))
  })
  return {}
}
