// TagLogGroup: the older way to tag, by name.

import type { TagLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { checkedTags } from '../model/tags.ts'
import { existingGroup, logGroups } from '../tables.ts'

export const tagLogGroup: Operation<TagLogGroupRequest, {}> = async (input, { scope, store }) => {
  await store.write(async (tx) => {
    const group = await existingGroup(tx, scope, input.logGroupName)
    await tx.put(logGroups, { ...group, tags: checkedTags(group.tags, input.tags) })
  })
  return {}
}
