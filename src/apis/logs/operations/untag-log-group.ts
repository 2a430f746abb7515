// UntagLogGroup: the older way to untag, by name.

import type { UntagLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { withoutTags } from '../model/tags.ts'
import { existingGroup, logGroups } from '../tables.ts'

export const untagLogGroup: Operation<UntagLogGroupRequest, {}> = async (input, { scope, store }) => {
  await store.write(async (tx) => {
    const group = await existingGroup(tx, scope, input.logGroupName)
    await tx.put(logGroups, { ...group, tags: withoutTags(group.tags, input.tags) })
  })
  return {}
}
