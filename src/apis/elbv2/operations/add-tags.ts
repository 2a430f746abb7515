// Tags load balancers, target groups, listeners and rules.

import type { AddTagsInput, AddTagsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { tagged } from '../model/tags.ts'
import { checkResourceCount, retagged } from '../tagged-resources.ts'

export const addTags: Operation<AddTagsInput, AddTagsOutput> = async (input, call) => {
  checkResourceCount(input.ResourceArns)
  await call.store.write(async (tx) => {
    for (const arn of input.ResourceArns) await retagged(tx, call.scope, arn, (tags) => tagged(tags, input.Tags))
  })
  return {}
}
