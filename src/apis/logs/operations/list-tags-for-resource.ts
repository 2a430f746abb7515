// ListTagsForResource: reads the tags of a log group by its ARN.

import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { identifiedGroup } from '../model/identifier.ts'
import { existingGroup } from '../tables.ts'

export const listTagsForResource: Operation<ListTagsForResourceRequest, ListTagsForResourceResponse> = async (
  input,
  { scope, store },
) => {
  const { tags } = await store.read((reader) =>
    existingGroup(reader, scope, identifiedGroup({ logGroupIdentifier: input.resourceArn }, scope)),
  )
  return { tags: { ...tags } }
}
