// Shows every tag of every resource.

import type { DescribeTagsRequest, DescribeTagsResult, TagDescription } from '@aws-sdk/client-ec2'
import { type FilterTable, filtered } from '#aws/filters.ts'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../model/selection.ts'
import { allTags } from '../tagged-resources.ts'

const filters: FilterTable<TagDescription> = {
  key: (tag) => [tag.Key],
  'resource-id': (tag) => [tag.ResourceId],
  'resource-type': (tag) => [tag.ResourceType],
  value: (tag) => [tag.Value],
}

export const describeTags: Operation<DescribeTagsRequest, DescribeTagsResult> = async (input, call) => {
  const tags = await call.store.read((reader) => allTags(reader, call.scope))
  // Each item is one tag, so "tag:Name=x" asks for that very tag.
  const matching = filtered(tags, input.Filters, filters, (tag) => [tag])
  const { items, ...rest } = paged(matching, (tag) => `${tag.ResourceId} ${tag.Key}`, input)
  return { Tags: items, ...rest }
}
