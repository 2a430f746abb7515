// ListTagsLogGroup: the older way to read tags, by name.

import type { ListTagsLogGroupRequest, ListTagsLogGroupResponse } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { existingGroup } from '../tables.ts'

export const listTagsLogGroup: Operation<ListTagsLogGroupRequest, ListTagsLogGroupResponse> = async (
  input,
  { scope, store },
) => {
  const { tags } = await store.read((reader) => existingGroup(reader, scope, input.logGroupName))
  return { tags: { ...tags } }
}
