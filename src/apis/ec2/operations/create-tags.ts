// Adds tags to resources, all of them or none.

import type { CreateTagsRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { missingParameter } from '../errors.ts'
import { tagged } from '../model/tags.ts'
import { retagged } from '../tagged-resources.ts'

export const createTags: Operation<CreateTagsRequest, {}> = async (input, call) => {
  if (input.Tags.length === 0) throw missingParameter('Tags')
  await call.store.write((tx) => retagged(tx, call.scope, input.Resources, (tags) => tagged(tags, input.Tags)))
  return {}
}
