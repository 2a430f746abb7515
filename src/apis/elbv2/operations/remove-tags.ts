// Takes tags from load balancers, target groups, listeners and rules.

import type { RemoveTagsInput, RemoveTagsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { untagged } from '../model/tags.ts'
import { checkResourceCount, retagged } from '../tagged-resources.ts'

export const removeTags: Operation<RemoveTagsInput, RemoveTagsOutput> = async (input, call) => {
  checkResourceCount(input.ResourceArns)
  await call.store.write(async (tx) => {
    for (const arn of input.ResourceArns) await retagged(tx, call.scope, arn, (tags) => untagged(tags, input.TagKeys))
  })
  return {}
}
