// UntagResource: untags a log group by its ARN.

import type { UntagResourceRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { identifiedGroup } from '../model/identifier.ts'
import { withoutTags } from '../model/tags.ts'
import { existingGroup, logGroups } from '../tables.ts'

export const untagResource: Operation<UntagResourceRequest, {}> = async (input, { scope, store }) => {
  await store.write(async (tx) => {
    const group = await existingGroup(tx, scope, identifiedGroup({ logGroupIdentifier: input.resourceArn }, scope))
    await tx.put(logGroups, { ...group, tags: withoutTags(group.tags, input.tagKeys) })
  })
  return {}
}
