// ListTagsForResource: the tags of a cluster, task definition, task, service or task set.

import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { taggedResource } from '../tagged-resources.ts'

export const listTagsForResource: Operation<ListTagsForResourceRequest, ListTagsForResourceResponse> = async (
  input,
  call,
) => {
  const { tags } = await call.store.read((reader) => taggedResource(reader, call.scope, input.resourceArn))
  return { tags: [...tags] }
}
