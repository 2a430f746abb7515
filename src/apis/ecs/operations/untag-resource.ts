// UntagResource: takes tags away by their keys; keys that are not there do no harm.

import type { UntagResourceRequest, UntagResourceResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { withoutTags } from '#aws/tags.ts'
import { InvalidParameterException } from '../errors.ts'
import { taggedResource } from '../tagged-resources.ts'

export const untagResource: Operation<UntagResourceRequest, UntagResourceResponse> = async (input, call) => {
  if (input.tagKeys.some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw InvalidParameterException(`Tag keys starting with 'aws:' are reserved for system use.`)
  }
  await call.store.write(async (tx) => {
    const resource = await taggedResource(tx, call.scope, input.resourceArn)
    await resource.put(tx, withoutTags(resource.tags, input.tagKeys))
  })
  return {}
}
