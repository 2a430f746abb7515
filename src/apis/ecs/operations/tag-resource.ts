// TagResource: adds tags to a cluster, task definition, task, service or task set; those of the same key are replaced.

import type { TagResourceRequest, TagResourceResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { mergedTags, tagProblem, TAGS_PER_RESOURCE, tagsOverLimit } from '#aws/tags.ts'
import { InvalidParameterException } from '../errors.ts'
import { taggedResource } from '../tagged-resources.ts'

export const tagResource: Operation<TagResourceRequest, TagResourceResponse> = async (input, call) => {
  if (input.tags.length === 0) throw InvalidParameterException('Tags can not be empty.')
  const problem = tagProblem(input.tags)
  if (problem !== undefined) throw InvalidParameterException(problem)
  await call.store.write(async (tx) => {
    const resource = await taggedResource(tx, call.scope, input.resourceArn)
    const tags = mergedTags(resource.tags, input.tags)
    if (tagsOverLimit(tags)) {
      throw InvalidParameterException(`The number of tags exceeds the limit of ${TAGS_PER_RESOURCE}.`)
    }
    await resource.put(tx, tags)
  })
  return {}
}
