// TagResource: tags a log group by its ARN.

import type { TagResourceRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { identifiedGroup } from '../model/identifier.ts'
import { checkedTags } from '../model/tags.ts'
import { existingGroup, logGroups } from '../tables.ts'

export const tagResource: Operation<TagResourceRequest, {}> = async (input, { scope, store }) => {
  await store.write(async (tx) => {
    const group = await existingGroup(tx, scope, identifiedGroup({ logGroupIdentifier: input.resourceArn }, scope))
    await tx.put(logGroups, { ...group, tags: checkedTags(group.tags, input.tags) })
  })
  return {}
}
